// The bridge has a door of its own since it needs tfjs-layers as it loads, and importing that registers gradients.
export { buildLayersModel } from './build-model.ts';
export { readLayersModel } from './read-model.ts';

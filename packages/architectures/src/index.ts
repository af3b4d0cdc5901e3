export { type FireOptions, fire } from './fire.ts';
export { initialize } from './initialize.ts';
export { lenet5, lenet300 } from './lenet.ts';
export { type Block, follow, type LayerStep, type Step, sequence } from './sequence.ts';
export { type SqueezenetOptions, squeezenet } from './squeezenet.ts';
export { type LayerRow, layerTable } from './table.ts';
export { withWeights } from './with-weights.ts';

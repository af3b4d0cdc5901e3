export { initialize } from './initialize.ts';
export { lenet5, lenet300 } from './lenet.ts';
export { type Step, sequence } from './sequence.ts';
export { type LayerRow, layerTable } from './table.ts';

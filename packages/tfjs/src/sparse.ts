export { installSparseKernels, type SparseKernels } from './sparse/install.ts';
export type { SparseChoice } from './sparse/sparse-weight.ts';
export { type ModelWithWeights, type Sparsified, type SparsifyOptions, sparsify } from './sparse/sparsify.ts';

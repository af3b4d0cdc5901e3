export { sparseTrainingAvailable } from './_memory.ts';
export { maxPoolChwn } from './max-pool-chwn.ts';
export { addBiasChwn, reluChwn } from './pointwise-chwn.ts';
export { type SparseConv2dOptions, sparseConv2d, sparseDense } from './sparse-conv2d.ts';
export { packWeights, type SparsePattern, type SparseTables, sparsePattern, unpackWeights } from './sparse-pattern.ts';

export { type BucketedColumns, bucketedColumnsTimesVector, toBucketedColumns } from './bucketed-columns.ts';
export { type BucketedRows, bucketedRowsTimesVector, toBucketedRows } from './bucketed-rows.ts';
export {
  type ConvolutionTask,
  type CostTable,
  type Estimate,
  estimateConvolution,
  estimateProduct,
  type KernelCost,
  type KernelName,
  MEASURED,
  type ProductTask,
} from './crossover.ts';
export { type CodedCsr, type Csr, csrTimesVector, toCsr, transposed, withCodes } from './csr.ts';
export { denseConv2d } from './dense/conv2d.ts';
export { type PoolShape, plainConv2d, plainLrn, plainPool, plainVector } from './dense/plain.ts';
export { type Bounds, type Conv2dShape, outputSize, type Prepared } from './dense/shapes.ts';
export { denseVector } from './dense/vector.ts';
export { denseBatch } from './dense-batch.ts';
export type { KernelExports } from './exports.ts';
export {
  createKernels,
  type Divisible,
  type Kernels,
  type KernelsOptions,
  kernelsSupported,
  type Mark,
} from './kernels.ts';
export {
  type PreparedLayer,
  type PrepareOptions,
  type PrepareProductOptions,
  prepareConvolution,
  prepareProduct,
  prepareVector,
  type WeightForm,
} from './prepare.ts';
export { type Relative, type RelativeOptions, relativeTimesVector, toRelative } from './relative.ts';
export { csrTimesBatch, sparseBatch } from './sparse-batch.ts';
export { plainSparseConv2d, sparseConv2d } from './sparse-conv2d.ts';
export { sparseVector, type VectorFormat } from './sparse-vector.ts';
export { type TuneOptions, tune } from './tune.ts';

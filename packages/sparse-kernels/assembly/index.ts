// Everything the module exports. It has no memory of its own and no static data: all addresses come from the caller.
export { bucketedColumns, bucketedColumnsAt, listNonzeros } from './bucketed-columns';
export { bucketedRows, bucketedRowsAt } from './bucketed-rows';
export { csrVector16, csrVector32, csrWindow } from './csr';
export * from './dense';
export { longGapColumns4, longGapColumns8, longGapRows4, longGapRows8, relativeColumns, relativeRows } from './relative';
export { compactPlanes, layOutPhases } from './sparse-planes';
export { sparseRows } from './sparse-rows';
export { transposeNumbers } from './transpose';
export { clipNumbers, copyNumbers, zeroNumbers } from './vectors';

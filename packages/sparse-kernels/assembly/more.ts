// What products by columns, of EIE's form and of batches need besides; a module of its own, so that others need not download it.
export { bucketedColumns, bucketedColumnsAt, listNonzeros } from './bucketed-columns';
export { longGapColumns4, longGapColumns8, longGapRows4, longGapRows8, relativeColumns, relativeRows } from './relative';
export { transposeNumbers } from './transpose';
export { clipNumbers } from './vectors';

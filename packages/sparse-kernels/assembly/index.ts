// What a network that runs one vector at a time needs. It has no memory of its own and no static data: all addresses come from the caller.
export { bucketedRows, bucketedRowsAt } from './bucketed-rows';
export { csrVector16, csrVector32, csrWindow } from './csr';
export * from './dense';
export { compactPlanes, layOutPhases } from './sparse-planes';
export { sparseRows } from './sparse-rows';
export { copyNumbers, zeroNumbers } from './vectors';

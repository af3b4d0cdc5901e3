// Everything the module exports. It has no memory of its own and no static data: all addresses come from the caller.
export { fillRows, reluInPlace } from './bias';
export { columnSums } from './column-sums';
export { depthwiseFilterGradient, depthwiseInputGradient } from './depthwise';
export { gemm, gemmScratchBytes } from './gemm';
export { fillGrid } from './grid';
export { addPatches, cropImages, padImages } from './image';
export { maxPoolGradient } from './max-pool';
export { adamStep, momentumStep } from './optimizer';

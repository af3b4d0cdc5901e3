export { denseConv, denseConvScratchBytes } from './dense-conv';
export { denseDepthwise } from './dense-depthwise';
export { denseAdd, denseLrn, denseScale } from './dense-elements';
export { layOutPlanes } from './dense-planes';
export { densePool } from './dense-pool';
export { denseVector } from './dense-vector';

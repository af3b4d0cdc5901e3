export { denseConv, denseConvScratchBytes } from './dense-conv';
export { denseDepthwise } from './dense-depthwise';
export { denseAdd, denseLrn, denseScale } from './dense-elements';
export { layOutPlanes } from './dense-planes';
export { densePool } from './dense-pool';
// Not to be called: what is exported is not inlined.
export { multiply1, multiply2, multiply3, multiply5 } from './dense-product';
export { denseVector } from './dense-vector';
export { winogradConv, winogradScratchBytes } from './dense-winograd';

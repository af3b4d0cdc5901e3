// A door of its own: what reads models needs no decoders of images, and the other way round.

export { preprocessImage } from './images/preprocess.ts';
export { type Image, type ReadImageOptions, readImage } from './images/read.ts';
export { type ResizeOptions, resizeImage } from './images/resize.ts';

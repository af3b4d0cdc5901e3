// A door of its own: what reads models needs no decoders of images, and the other way round.

export { preprocessImage, type ResizeOptions, resizeImage } from '@pare/images';
export { type Image, type ReadImageOptions, readImage } from './images/read.ts';

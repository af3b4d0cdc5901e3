export type { Image } from './image.ts';
export { preprocessImage } from './preprocess.ts';
export { type ResizeOptions, resizeImage } from './resize.ts';

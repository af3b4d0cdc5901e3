import type { ImageSizes, TensorMemory } from './tensor-memory.ts';
import type { Window } from './window.ts';

/** An image with margins, so large that no window sticks out. `width` in floats. */
export interface Frame {
  readonly rows: number;
  readonly width: number;
  /** There are no margins: the image itself will do. */
  readonly sameAsImage: boolean;
}

/** The smallest frame for what the windows reach, of a batch of images. */
export function frameOf(window: Window): Frame {
  const { top, left, inHeight, inWidth, inChannels } = window;
  const reachedRows = (window.outHeight - 1) * window.strideHeight + window.spanHeight;
  const reachedColumns = (window.outWidth - 1) * window.strideWidth + window.spanWidth;
  const rows = Math.max(reachedRows, top + inHeight);
  const columns = Math.max(reachedColumns, left + inWidth);
  return { rows, width: columns * inChannels, sameAsImage: rows === inHeight && columns === inWidth };
}

/** Bytes of the images with margins, none if the images themselves will do. */
export const frameBytes = (frame: Frame, batch: number): number =>
  frame.sameAsImage ? 0 : batch * frame.rows * frame.width * 4;

/** What padImages and cropImages want to know of a frame. */
export const frameSizes = (
  { rows, width }: Frame,
  { batch, inHeight, inWidth, inChannels, top, left }: Window,
): ImageSizes => [batch, inHeight, inWidth * inChannels, rows, width, top, left * inChannels];

/** Offsets of the taps of a window, every channel by itself: [R, S, C]. */
export function fillTaps({ functions }: TensorMemory, table: number, window: Window, frame: Frame): void {
  const { rows, columns, inChannels, dilationHeight, dilationWidth } = window;
  functions.fillGrid(
    ...([table, rows, columns, inChannels] as const),
    ...([dilationHeight * frame.width, dilationWidth * inChannels, 1] as const),
  );
}

/** Offsets of the pixels of a window: [R, S]. */
export function fillPixels({ functions }: TensorMemory, table: number, window: Window, frame: Frame): void {
  const { rows, columns, inChannels, dilationHeight, dilationWidth } = window;
  functions.fillGrid(table, 1, rows, columns, 0, dilationHeight * frame.width, dilationWidth * inChannels);
}

/** Offsets of the first tap of every window: [N, P, Q]. */
export function fillStarts(
  { functions }: TensorMemory,
  table: number,
  batch: number,
  window: Window,
  frame: Frame,
): void {
  const { outHeight, outWidth, strideHeight, strideWidth, inChannels } = window;
  functions.fillGrid(
    ...([table, batch, outHeight, outWidth] as const),
    ...([frame.rows * frame.width, strideHeight * frame.width, strideWidth * inChannels] as const),
  );
}

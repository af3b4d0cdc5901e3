import type { Image } from '@pare/images';

/** How a camera was held, as EXIF counts: 1 upright, 3 upside down, 6 and 8 on a side, the others mirrored. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 0x0112;

/**
 * Finds the orientation in an EXIF segment: `Exif 0 0 | II or MM | 42 | offset | count u16 | (tag u16 | type u16 | count u32 |
 * value)*`. Undefined if it has none, or cannot be understood: a picture is worth more than its description.
 *
 * @see EXIF 2.32, section 4.6.4; TIFF 6.0, section 2
 */
export function orientationOf(segment: Uint8Array): Orientation | undefined {
  if (String.fromCharCode(...segment.subarray(0, 6)) !== 'Exif\0\0' || segment.length < 14) return undefined;
  const view = new DataView(segment.buffer, segment.byteOffset + 6, segment.byteLength - 6);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const littleEndian = order === 0x4949;
  const start = view.getUint32(4, littleEndian);
  if (start + 2 > view.byteLength) return undefined;
  const count = view.getUint16(start, littleEndian);
  for (let i = 0, at = start + 2; i < count && at + 12 <= view.byteLength; i++, at += 12) {
    if (view.getUint16(at, littleEndian) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(at + 8, littleEndian);
    return value >= 1 && value <= 8 ? (value as Orientation) : undefined;
  }
  return undefined;
}

/** Turns a picture upright. */
export function turned(image: Image, orientation: Orientation): Image {
  if (orientation === 1) return image;
  const { width: W, height: H, channels, data } = image;
  const swaps = orientation >= 5;
  const [width, height] = swaps ? [H, W] : [W, H];
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Where the pixel that belongs to (x, y) is stored.
      const [u, v] = swaps ? [y, x] : [x, y];
      const column = MIRRORS_COLUMNS.has(orientation) ? W - 1 - u : u;
      const row = MIRRORS_ROWS.has(orientation) ? H - 1 - v : v;
      const from = (row * W + column) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
    }
  }
  return { width, height, channels, data: out };
}

// 6 is stored lying on its left side: its top row is the stored left column, read from below.
const MIRRORS_COLUMNS: ReadonlySet<Orientation> = new Set([2, 3, 7, 8]);
const MIRRORS_ROWS: ReadonlySet<Orientation> = new Set([3, 4, 6, 7]);

import type { Pixels } from '@pare/runtime';

/** A picture of rings on a slope, the same to the last bit wherever it is drawn: of whole numbers alone. */
export function picture(width = 320, height = 260): Pixels {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const distance = (x - 130) ** 2 + (y - 110) ** 2;
      const ring = (distance >> 9) & 1;
      data.set([ring ? 220 : (x * 3) & 255, (x + y) >> 1, ring ? 40 : 255 - (y >> 1), 255], 4 * (y * width + x));
    }
  }
  return { width, height, data };
}

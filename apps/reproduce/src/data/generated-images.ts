import type { Random } from '@pare/core';
import type { Image } from '@pare/interop/images';
import type { ImageSet } from './image-set.ts';

/**
 * Draws pictures where there are none: blobs of colour on a slope of colour. They show nothing, so they have no labels; they are good
 * for seeing whether two networks answer alike.
 *
 * @param side - pixels, of square pictures
 */
export const generateImages = (name: string, count: number, side: number, random: Random): ImageSet => ({
  name,
  images: Array.from({ length: count }, (_, i) => draw(side, random.fork(i))),
  labels: undefined,
  titles: Array.from({ length: count }, (_, i) => `drawing ${i + 1}`),
});

function draw(side: number, random: Random): Image {
  const data = new Uint8Array(side * side * 3);
  const colour = (): readonly number[] => [random.float(), random.float(), random.float()];
  const [from, to] = [colour(), colour()];
  const blobs = Array.from({ length: 6 }, () => ({
    x: random.float() * side,
    y: random.float() * side,
    radius: (0.05 + 0.25 * random.float()) * side,
    colour: colour(),
  }));
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const along = (x + y) / (2 * side);
      const top = blobs.findLast((blob) => (x - blob.x) ** 2 + (y - blob.y) ** 2 < blob.radius ** 2);
      for (let c = 0; c < 3; c++) {
        const value = top ? top.colour[c]! : from[c]! * (1 - along) + to[c]! * along;
        data[at++] = Math.floor(255.99 * value);
      }
    }
  }
  return { width: side, height: side, channels: 3, data };
}

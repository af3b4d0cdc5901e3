import type { Bounds } from './dense/shapes.ts';

/**
 * Cuts a number off where bounds say.
 *
 * @example
 * [-1, 3, 9].map((value) => clip(value, { least: 0, most: 6 })) // [0, 3, 6]
 */
export const clip = (value: number, { least = -Infinity, most = Infinity }: Bounds): number =>
  Math.min(most, Math.max(least, value));

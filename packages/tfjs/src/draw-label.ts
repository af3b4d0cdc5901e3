import type { Random } from '@pare/core';

/**
 * Draws a class in proportion to its weight.
 *
 * @param weights - of the classes, ≥ 0
 * @param total - Σ weights
 * @returns 0 … classes − 1
 * @example
 * drawLabel([0, 2, 0], 2, seededRandom(1)) // 1
 */
export function drawLabel(weights: ArrayLike<number>, total: number, random: Random): number {
  let left = random.float() * total;
  let label = 0;
  while (label < weights.length - 1 && (left -= weights[label]!) >= 0) label++;
  return label;
}

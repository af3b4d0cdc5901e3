import type { Divisible } from '../kernels.ts';

/**
 * Cuts work into parts of about the same weight.
 *
 * @param parts - the most there may be; fewer where there are not so many items
 * @returns where each part ends; rising, the last is the count
 * @example
 * cut({ count: 10, step: 4 }, 2) // [4, 10]
 * @example
 * cut({ count: 3, weightTo: (end) => [0, 10, 11, 12][end] }, 2) // [1, 3]
 */
export function cut({ count, step = 1, weightTo = (end) => end }: Omit<Divisible, 'ns'>, parts: number): number[] {
  const total = weightTo(count);
  const ends: number[] = [];
  let end = 0;
  for (let part = 1; part < parts; part++) {
    const share = (part * total) / parts;
    let next = end;
    // The multiple of the step that is nearest to the share: on while the one after is no further from it.
    while (next + step < count && weightTo(next) + weightTo(next + step) <= 2 * share) next += step;
    if (next > end) ends.push((end = next));
  }
  return [...ends, count];
}

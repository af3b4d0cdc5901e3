import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut } from './cut.ts';

test('parts end where the items before weigh about their share', () => {
  expect(cut({ count: 96, step: 8 }, 4)).toEqual([24, 48, 72, 96]);
  expect(cut({ count: 9, step: 8 }, 2)).toEqual([8, 9]);
  expect(cut({ count: 3 }, 8)).toEqual([1, 2, 3]);
  expect(cut({ count: 0 }, 2)).toEqual([0]);
});

test('no part is empty, all begin at multiples of the step, none is heavier than its share and a step', () => {
  const cases = fc.record({
    weights: fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }),
    step: fc.integer({ min: 1, max: 8 }),
    parts: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(cases, ({ weights, step, parts }) => {
      const before = [0];
      for (const weight of weights) before.push(before.at(-1)! + weight);
      const weightTo = (end: number): number => before[end]!;
      const ends = cut({ count: weights.length, step, weightTo }, parts);
      expect(ends.at(-1)).toBe(weights.length);
      expect(ends.length).toBeLessThanOrEqual(parts);
      ends.forEach((end, i) => {
        const start = ends[i - 1] ?? 0;
        expect(end).toBeGreaterThan(start);
        expect(start % step).toBe(0);
        expect(weightTo(end) - weightTo(start)).toBeLessThanOrEqual(before.at(-1)! / parts + 50 * step);
      });
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frequenciesOf, LEVELS, LEVELS_PER_OCTAVE, weightOf } from './frequencies.ts';

test('eight levels more are twice the weight', () => {
  expect([0, 8, 16, 24].map(weightOf)).toEqual([0, 128, 256, 512]);
});

test('no weight is near a tie, so any engine rounds alike', () => {
  for (let level = 1; level < LEVELS; level++) {
    const weight = 64 * 2 ** (level / LEVELS_PER_OCTAVE);
    if (level % LEVELS_PER_OCTAVE > 0) expect(Math.abs((weight % 1) - 0.5)).toBeGreaterThan(1e-6);
  }
});

test('all that occur have a frequency, no others, and they sum to 2^precision', () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: LEVELS - 1 }), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 8, max: 15 }),
      (levels, precision) => {
        const used = levels.filter((level) => level > 0).length;
        const starts = frequenciesOf(levels, precision);
        if (used === 0 || used > 2 ** precision) {
          expect(starts).toBeUndefined();
          return;
        }
        expect(starts![levels.length]).toBe(2 ** precision);
        levels.forEach((level, i) => {
          expect(starts![i + 1]! > starts![i]!).toBe(level > 0);
        });
      },
    ),
  ));

test('sums stay exact at the extremes', () => {
  const starts = frequenciesOf(new Uint8Array(32768).fill(LEVELS - 1), 15);
  expect(starts!.every((start, i) => start === i)).toBe(true);
});

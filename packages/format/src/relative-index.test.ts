import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gapHistograms, toGaps } from './relative-index.ts';

const maskOf = (length: number, positions: readonly number[]): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (positions.includes(i) ? 1 : 0));

test('bridges a gap larger than 2^bits − 1 with fillers', () => {
  const { gaps, positions } = toGaps(maskOf(20, [1, 12]), 3);
  expect([...gaps]).toEqual([1, 7, 2]);
  expect([...positions]).toEqual([1, -1, 12]);
});

test('a gap of exactly 2^bits − 1 needs no filler, one more does', () => {
  expect([...toGaps(maskOf(9, [7]), 3).gaps]).toEqual([7]);
  expect([...toGaps(maskOf(9, [8]), 3).gaps]).toEqual([7, 0]);
});

test('nothing kept, nothing written', () => expect(toGaps(new Uint8Array(100), 4).gaps).toHaveLength(0));

test('entries lead where they say, and the histograms count them, for every width', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 300 }), (bits) => {
      const mask = Uint8Array.from(bits);
      const histograms = gapHistograms(mask, 8);
      for (let width = 1; width <= 8; width++) {
        const { gaps, positions } = toGaps(mask, width);
        const counts = new Uint32Array(2 ** width);
        let at = -1;
        gaps.forEach((gap, i) => {
          at += gap + 1;
          counts[gap]!++;
          expect(positions[i]).toBe(mask[at] === 1 ? at : -1);
        });
        expect(histograms[width]?.histogram).toEqual(counts);
        expect(histograms[width]?.fillers).toBe([...positions].filter((p) => p < 0).length);
      }
    }),
    { seed: 1 },
  ));

test('a width outside 1…16 is refused', () => expect(() => toGaps(new Uint8Array(1), 0)).toThrow(RangeError));

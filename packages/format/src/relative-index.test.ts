import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countGaps, gapHistogram, toGaps } from './relative-index.ts';

const maskOf = (length: number, ...positions: number[]): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (positions.includes(i) ? 1 : 0));

test('bridges a gap of 2^bits − 1 or more', () => {
  expect(toGaps(maskOf(13, 1, 12), 3)).toEqual(Uint8Array.of(1, 7, 3));
  expect(toGaps(maskOf(8, 7), 3)).toEqual(Uint8Array.of(7, 0));
  expect(toGaps(maskOf(7, 6), 3)).toEqual(Uint8Array.of(6));
});

test('says nothing of zeros at the end, nor of nothing', () => {
  expect(toGaps(maskOf(100, 0), 2)).toEqual(Uint8Array.of(0));
  expect(toGaps(new Uint8Array(5), 2)).toEqual(new Uint8Array(0));
});

test('takes two bytes a gap above eight bits', () => {
  expect(toGaps(maskOf(400, 300), 9)).toEqual(Uint16Array.of(300));
});

test('gaps lead back to the mask, and are counted without making them', () =>
  fc.assert(
    fc.property(
      fc
        .array(fc.boolean(), { maxLength: 3000 })
        .map((kept) => Uint8Array.from(kept, (bit, i) => (bit && i % 7 === 0 ? 1 : 0))),
      fc.integer({ min: 1, max: 12 }),
      (mask, bits) => {
        const gaps = toGaps(mask, bits);
        const back = new Uint8Array(mask.length);
        let place = 0;
        for (const gap of gaps) {
          place += gap;
          if (gap < 2 ** bits - 1) back[place++] = 1;
        }
        expect(back).toEqual(mask);
        const { histogram, total } = gapHistogram(countGaps(mask), bits);
        expect(total).toBe(gaps.length);
        expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(total);
        for (const gap of gaps) histogram[gap]!--;
        expect(histogram.every((count) => count === 0)).toBe(true);
      },
    ),
    { seed: 1 },
  ));

test('counts long gaps as well as short ones', () => {
  expect(countGaps(maskOf(5000, 3, 4999))).toEqual(
    new Map([
      [3, 1],
      [4995, 1],
    ]),
  );
});

test('has a width of 1 to 16 bits', () => {
  for (const bits of [0, 17, 2.5]) expect(() => toGaps(new Uint8Array(1), bits)).toThrow(RangeError);
});

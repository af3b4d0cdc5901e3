import { CorruptDataError, type Shared } from '@pare/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averageBits, readRelative, relativeEntries, writeRelative } from './relative-file.ts';

const form = (codebook: readonly number[], places: readonly (readonly [number, number])[], count: number): Shared => {
  const [indices, mask] = [new Uint16Array(count), new Uint8Array(count)];
  for (const [at, index] of places) {
    indices[at] = index;
    mask[at] = 1;
  }
  return { kind: 'shared', codebook: Float32Array.from(codebook), indices, mask };
};

describe('relativeEntries', () => {
  test('bridges long runs of zeros with fillers, as the figure in the paper does', () => {
    // Figure 2: 3.4 at 1, 0.9 at 4, 1.7 at 15, and 3 bits: the gap of 11 from 4 to 15 takes a filler at 12.
    const { codes, gaps } = relativeEntries(
      form(
        [0.9, 1.7, 3.4],
        [
          [1, 2],
          [4, 0],
          [15, 1],
        ],
        16,
      ),
      3,
    );
    expect([...codes]).toEqual([3, 1, 0, 2]);
    expect([...gaps]).toEqual([1, 2, 7, 2]);
  });

  test('needs none for the longest gap there is, and one for the next', () => {
    expect([...relativeEntries(form([1], [[15, 0]], 16), 4).gaps]).toEqual([15]);
    expect([...relativeEntries(form([1], [[16, 0]], 17), 4).gaps]).toEqual([15, 0]);
  });

  test('has no entries where nothing is kept', () => {
    expect(relativeEntries(form([], [], 9), 4).codes).toHaveLength(0);
  });

  test('leaves a code for fillers', () => {
    expect(() =>
      relativeEntries(
        form(
          Array.from({ length: 256 }, (_, i) => i),
          [],
          1,
        ),
        4,
      ),
    ).toThrow('at most 255');
  });
});

test('readRelative ∘ writeRelative is the identity', () => {
  const shared = fc
    .record({
      mask: fc.array(fc.boolean(), { maxLength: 300 }),
      empty: fc.nat({ max: 200 }),
      codebook: fc.uniqueArray(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 255 }),
      bits: fc.integer({ min: 1, max: 8 }),
    })
    .map(({ mask, empty, codebook, bits }) => {
      const kept = [...mask, ...new Array<boolean>(empty).fill(false), true];
      const places = kept.flatMap((keep, i): [number, number][] => (keep ? [[i, (7 * i) % codebook.length]] : []));
      return { bits, form: form(codebook, places, kept.length) };
    });
  fc.assert(
    fc.property(shared, ({ bits, form: before }) => {
      const entries = relativeEntries(before, bits);
      expect(readRelative(writeRelative(entries, before.codebook, bits), before.mask.length, bits)).toEqual(before);
    }),
    { seed: 1 },
  );
});

test('readRelative refuses what is cut short or lies beyond', () => {
  const before = form(
    [1, 2],
    [
      [0, 0],
      [3, 1],
      [40, 1],
    ],
    41,
  );
  const bytes = writeRelative(relativeEntries(before, 4), before.codebook, 4);
  for (let end = 0; end < bytes.length; end++) {
    expect(() => readRelative(bytes.subarray(0, end), 41, 4)).toThrow();
  }
  expect(() => readRelative(bytes, 40, 4)).toThrow(CorruptDataError);
});

test('averageBits counts codes, not the table', () => {
  expect(averageBits(Uint8Array.of(0, 0, 1, 2), 4)).toBe(1.5);
  expect(averageBits(new Uint8Array(), 4)).toBe(0);
});

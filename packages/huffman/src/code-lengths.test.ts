import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeLengths } from './code-lengths.ts';

const seed = 1;
const bitsOf = (histogram: readonly number[], lengths: ArrayLike<number>): number =>
  histogram.reduce((bits, count, symbol) => bits + count * lengths[symbol]!, 0);
const kraftSum = (lengths: Uint8Array): number =>
  lengths.reduce((sum, length) => sum + (length > 0 ? 2 ** -length : 0), 0);

test('gives frequent symbols short codes', () => {
  expect(codeLengths([5, 1, 1, 2])).toEqual(Uint8Array.of(1, 3, 3, 2));
});

test('keeps to the limit', () => {
  expect(codeLengths([5, 1, 1, 2], { maxLength: 2 })).toEqual(Uint8Array.of(2, 2, 2, 2));
});

test('takes the textbook example: 45, 13, 12, 16, 9, 5', () => {
  // Cormen, Leiserson, Rivest, Stein, Introduction to Algorithms, 3rd edition, figure 16.3: 224 (thousand) bits
  const histogram = [45, 13, 12, 16, 9, 5];
  expect(codeLengths(histogram)).toEqual(Uint8Array.of(1, 3, 3, 3, 4, 4));
  expect(bitsOf(histogram, codeLengths(histogram))).toBe(224);
});

describe('edges', () => {
  test('an empty histogram has no lengths', () => expect(codeLengths([])).toEqual(new Uint8Array(0)));
  test('nothing occurs: all lengths are 0', () => expect(codeLengths([0, 0])).toEqual(new Uint8Array(2)));
  test('a lone symbol is marked by length 1', () => expect(codeLengths([0, 7, 0])).toEqual(Uint8Array.of(0, 1, 0)));
  test('two symbols take a bit each', () => expect(codeLengths([1, 0, 999])).toEqual(Uint8Array.of(1, 0, 1)));
  test('2^n equal counts take n bits', () => expect(codeLengths(Array(8).fill(3))).toEqual(new Uint8Array(8).fill(3)));
  test('ties are broken by index: lower symbols take the longer codes', () =>
    expect(codeLengths([1, 1, 1])).toEqual(Uint8Array.of(2, 2, 1)));
  test('Fibonacci counts, the worst case, stop at the limit', () => {
    const fibonacci = [1, 1];
    while (fibonacci.length < 40) fibonacci.push(fibonacci.at(-1)! + fibonacci.at(-2)!);
    for (const maxLength of [6, 11, 15, 24]) {
      const lengths = codeLengths(fibonacci, { maxLength });
      expect(Math.max(...lengths)).toBe(maxLength);
      expect(kraftSum(lengths)).toBe(1);
    }
  });
  test('all 2^16 symbols fit into 16 bits exactly', () =>
    expect(
      codeLengths(
        new Uint32Array(65536).map((_, i) => 1 + (i % 7)),
        { maxLength: 16 },
      ).every((l) => l === 16),
    ).toBe(true));
});

describe('laws', () => {
  const histograms = fc.array(fc.oneof(fc.nat(20), fc.nat(1e6)), { minLength: 2, maxLength: 60 });

  test('the code is complete: Σ 2^−length = 1 when two or more symbols occur', () =>
    fc.assert(
      fc.property(histograms, fc.integer({ min: 6, max: 24 }), (histogram, maxLength) => {
        fc.pre(histogram.filter((count) => count > 0).length > 1);
        const lengths = codeLengths(histogram, { maxLength });
        expect(kraftSum(lengths)).toBe(1);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(maxLength);
        for (const [symbol, count] of histogram.entries()) expect(lengths[symbol]! > 0).toBe(count > 0);
      }),
      { seed },
    ));

  test('without a limit that matters, it is as short as what Huffman’s own algorithm makes', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 2, maxLength: 24 }), (histogram) => {
        fc.pre(histogram.filter((count) => count > 0).length > 1);
        expect(bitsOf(histogram, codeLengths(histogram, { maxLength: 24 }))).toBe(huffmanBits(histogram));
      }),
      { seed },
    ));

  test('with a limit, no complete code is shorter (all of them tried)', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 3, max: 5 }),
        (histogram, maxLength) => {
          expect(bitsOf(histogram, codeLengths(histogram, { maxLength }))).toBe(fewestBits(histogram, maxLength));
        },
      ),
      { seed, numRuns: 60 },
    ));

  test('spends less than a bit per symbol over the entropy', () =>
    fc.assert(
      fc.property(histograms, (histogram) => {
        fc.pre(histogram.filter((count) => count > 0).length > 1);
        const total = histogram.reduce((a, b) => a + b);
        const entropyBits = histogram.reduce(
          (bits, count) => bits - (count > 0 ? count * Math.log2(count / total) : 0),
          0,
        );
        const bits = bitsOf(histogram, codeLengths(histogram, { maxLength: 24 }));
        expect(bits).toBeLessThan(entropyBits + total);
        expect(bits).toBeGreaterThanOrEqual(entropyBits * (1 - 1e-12)); // rounding of at most 60 terms, each within 2^−50
      }),
      { seed },
    ));
});

test('names the argument at fault', () => {
  expect(() => codeLengths([1, 1, 1], { maxLength: 1 })).toThrow(
    new RangeError('codeLengths: "maxLength" expected at least 2 for 3 used symbols, got 1'),
  );
  expect(() => codeLengths([1], { maxLength: 25 })).toThrow('"maxLength" expected an integer in 1…24, got 25');
  expect(() => codeLengths([1, -1])).toThrow('"histogram" expected integers ≥ 0, got -1 at index 1');
  expect(() => codeLengths([Number.NaN])).toThrow('got NaN at index 0');
  expect(() => codeLengths([0.5])).toThrow(RangeError);
  expect(() => codeLengths(new Uint8Array(65537))).toThrow('at most 65536 entries, got 65537');
});

/** Merges the two lightest trees until one is left; each merge costs its weight in bits. */
function huffmanBits(histogram: readonly number[]): number {
  const weights = histogram.filter((count) => count > 0);
  let bits = 0;
  while (weights.length > 1) {
    weights.sort((a, b) => b - a);
    const merged = weights.pop()! + weights.pop()!;
    bits += merged;
    weights.push(merged);
  }
  return bits;
}

/** Tries every assignment of lengths that is a complete code. */
function fewestBits(histogram: readonly number[], maxLength: number): number {
  const search = (symbol: number, left: number): number => {
    if (symbol === histogram.length) return left === 0 ? 0 : Infinity;
    let best = Infinity;
    for (let length = 1; length <= maxLength; length++) {
      if (2 ** -length <= left)
        best = Math.min(best, histogram[symbol]! * length + search(symbol + 1, left - 2 ** -length));
    }
    return best;
  };
  return search(0, 1);
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRans } from './decode.ts';
import { encodeRans, type RansOptions } from './encode.ts';
import { ransSize } from './size.ts';
import { decodeRans as decodeRansInWasm } from './wasm.ts';

/** Symbols that come the more often the lower they are. */
const skewed = (count: number, alphabetSize: number, power = 3): Uint8Array | Uint16Array => {
  let state = count + 1;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const draw = (): number => Math.floor(alphabetSize * next() ** power);
  return alphabetSize > 256 ? Uint16Array.from({ length: count }, draw) : Uint8Array.from({ length: count }, draw);
};

/** As `toEqual` says it, which takes seconds for a million elements. */
const expectSame = (actual: Uint8Array | Uint16Array, expected: Uint8Array | Uint16Array): void => {
  expect(actual.constructor).toBe(expected.constructor);
  expect(Buffer.compare(new Uint8Array(actual.slice().buffer), new Uint8Array(expected.slice().buffer))).toBe(0);
};

const histogramOf = (symbols: ArrayLike<number>, alphabetSize: number): Uint32Array => {
  const histogram = new Uint32Array(alphabetSize);
  for (let i = 0; i < symbols.length; i++) histogram[symbols[i]!]!++;
  return histogram;
};

const entropyBytes = (histogram: Uint32Array): number => {
  const count = histogram.reduce((sum, n) => sum + n, 0);
  return histogram.reduce((bits, n) => (n > 0 ? bits - n * Math.log2(n / count) : bits), 0) / 8;
};

test('gives back what it was given', () => {
  const symbols = Uint8Array.from({ length: 1000 }, (_, i) => Math.clz32((i * 2654435761) | 1) & 7);
  expectSame(decodeRans(encodeRans(symbols, 8), 1000, 8), symbols);
});

describe('edges', () => {
  test.each([0, 1, 2, 3, 4, 5, 7])('%i symbols', (count) => {
    for (const states of [1, 4] as const) {
      const symbols = skewed(count, 5, 1);
      expectSame(decodeRans(encodeRans(symbols, 5, { states }), count, 5), symbols);
    }
  });

  test('a symbol that is alone takes no bits, only a table; the first of the alphabet not even that', () => {
    expect(encodeRans(new Uint8Array(0)).length).toBe(0);
    expect(encodeRans(new Uint8Array(100_000)).length).toBe(0);
    const bytes = encodeRans(new Uint8Array(100_000).fill(255));
    expect(bytes.length).toBeLessThanOrEqual(5);
    expectSame(decodeRans(bytes, 100_000, 256), new Uint8Array(100_000).fill(255));
  });

  test('the largest alphabets', () => {
    for (const [count, power] of [
      [3, 1],
      [1000, 1],
      [20_000, 8],
      [100_000, 1],
    ] as const) {
      const symbols = skewed(count, 65536, power);
      expectSame(decodeRans(encodeRans(symbols), count, 65536), symbols);
    }
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const bytes = encodeRans(all);
    expect(bytes.length).toBeLessThan(2 * 65536 + 16);
    expectSame(decodeRans(bytes, 65536, 65536), all);
  });

  test('frequencies as uneven as can be', () => {
    const symbols = new Uint8Array(3_000_000);
    symbols[1_234_567] = 200;
    const bytes = encodeRans(symbols);
    expect(bytes.length).toBeLessThan(100);
    expectSame(decodeRans(bytes, symbols.length, 256), symbols);
  });
});

describe('laws', () => {
  const cases = fc
    .tuple(
      fc.integer({ min: 1, max: 700 }),
      fc.double({ min: 0.2, max: 12, noNaN: true }),
      fc.integer({ min: 0, max: 4000 }),
    )
    .chain(([alphabetSize, power, count]) =>
      fc.record({
        alphabetSize: fc.constant(alphabetSize),
        symbols: fc.constant(skewed(count, alphabetSize, power)),
        options: fc.constantFrom<RansOptions>({}, { states: 1 }, { states: 4 }),
      }),
    );

  test('decode ∘ encode is the identity', () =>
    fc.assert(
      fc.property(cases, ({ symbols, alphabetSize, options }) => {
        const bytes = encodeRans(symbols, alphabetSize, options);
        const out = alphabetSize > 256 ? new Uint16Array(symbols.length) : new Uint8Array(symbols.length);
        expectSame(decodeRans(bytes, symbols.length, alphabetSize, out), symbols);
      }),
      { numRuns: 60 },
    ));

  test('symbols without any pattern come back, too', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (symbols) => {
        expectSame(decodeRans(encodeRans(symbols), symbols.length, 256), symbols);
      }),
      { numRuns: 60 },
    ));

  test('the same symbols make the same bytes', () => {
    const symbols = skewed(5000, 100);
    expect(encodeRans(symbols, 100)).toEqual(encodeRans(symbols.slice(), 100));
  });

  test.each([
    [50, 8],
    [300, 16],
    [1000, 64],
    [20_000, 64],
    [200_000, 256],
  ])('%i of %i symbols take their entropy, a small table and hardly more', (count, alphabetSize) => {
    const symbols = skewed(count, alphabetSize);
    const histogram = histogramOf(symbols, alphabetSize);
    const size = encodeRans(symbols, alphabetSize).length;
    expect(size).toBeLessThan(1.002 * entropyBytes(histogram) + 8 + alphabetSize / 2);
    expect(Math.abs(ransSize(histogram) - size)).toBeLessThan(10 + 0.01 * size);
  });
});

describe('the twin in WebAssembly', () => {
  test.each([
    [4096, 3],
    [32768, 200],
    [32769, 17],
    [131_075, 256],
    [300_001, 1000],
  ])('decodes the same: %i of %i symbols', (count, alphabetSize) => {
    const symbols = skewed(count, alphabetSize, 2);
    const bytes = encodeRans(symbols, alphabetSize, { states: 4 });
    expectSame(decodeRansInWasm(bytes, count, alphabetSize), symbols);
    expectSame(decodeRans(bytes, count, alphabetSize), symbols);
  });

  test('fills only what it was asked for, in a part of a larger array', () => {
    const symbols = skewed(40_000, 100);
    const bytes = encodeRans(symbols, 100, { states: 4 });
    const out = new Uint8Array(40_010).fill(77);
    decodeRansInWasm(bytes, 40_000, 100, out.subarray(5));
    expectSame(out.subarray(5, 40_005), symbols);
    expect([...out.subarray(0, 5), ...out.subarray(40_005)]).toEqual(Array(10).fill(77));
  });
});

describe('errors', () => {
  test('name the argument, what it must be and what came', () => {
    expect(() => encodeRans(Uint8Array.of(1, 9), 8)).toThrow(
      new RangeError('encodeRans: "symbols" expected values < 8, got 9 at index 1'),
    );
    expect(() => encodeRans(Uint8Array.of(1), 0)).toThrow(RangeError);
    expect(() => encodeRans(Uint8Array.of(1), 65537)).toThrow(RangeError);
    const bytes = encodeRans(Uint16Array.of(1, 2, 3), 1000);
    expect(() => decodeRans(bytes, 3, 1000, new Uint16Array(2))).toThrow(/"out" expected/);
    expect(() => decodeRans(bytes, 3, 1000, new Uint8Array(3))).toThrow(/"out" expected/);
  });
});

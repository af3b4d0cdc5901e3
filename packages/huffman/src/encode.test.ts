import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHuffman } from './decode.ts';
import { encodeHuffman } from './encode.ts';
import { huffmanSize } from './size.ts';

const seed = 1;

test('packs symbols into bytes that can be unpacked', () => {
  const symbols = Uint8Array.from({ length: 1000 }, (_, i) => Math.clz32(i & 31) - 26); // 1…6, half as often each
  const bytes = encodeHuffman(symbols, 7);
  expect(bytes.length).toBeLessThan(1000 / 4);
  expect(decodeHuffman(bytes, 1000, 7)).toEqual(symbols);
});

describe('edges', () => {
  test.each([
    ['nothing', new Uint8Array(0), 0],
    ['nothing, wide', new Uint16Array(0), 0],
    ['one symbol', Uint8Array.of(0), 1],
    ['the highest symbol', Uint16Array.of(65535), 5],
    ['a hundred thousand of one symbol', new Uint8Array(1e5).fill(7), 2],
    ['two symbols', Uint8Array.of(0, 255), 4],
    [
      'all symbols there can be',
      Uint16Array.from({ length: 65536 }, (_, i) => i),
      Math.ceil((6 + 65535 + 3 * 19 + 65536 * 16) / 8),
    ],
  ])('%s', (_, symbols, size) => {
    const alphabetSize = 256 ** symbols.BYTES_PER_ELEMENT;
    const bytes = encodeHuffman(symbols, alphabetSize);
    const decoded = decodeHuffman(bytes, symbols.length, alphabetSize, symbols.slice().fill(1));
    expect(decoded.every((symbol, i) => symbol === symbols[i])).toBe(true);
    expect(bytes.length).toBe(size);
  });

  test('four parts from 2^13 symbols on cost three numbers, however the codes are cut', () => {
    const symbols = Uint8Array.from({ length: 8192 }, (_, i) => (i * 7) & 3);
    // code 1 + 5 + 3; two bits each; numbers up to 2048 · 2 in 13 bits
    expect(encodeHuffman(symbols, 4).length).toBe(Math.ceil((9 + 8192 * 2 + 3 * 13) / 8));
    expect(encodeHuffman(symbols.subarray(1), 4).length).toBe(Math.ceil((9 + 8191 * 2) / 8));
  });
});

describe('laws', () => {
  const narrow = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.array(fc.nat(7), { maxLength: 600 }).map((a) => Uint8Array.from(a)),
  );
  const wide = fc.uint16Array({ maxLength: 300 });
  /** Said over, up to a hundred times, so that some have four parts. */
  const long = fc.tuple(fc.oneof(narrow, wide), fc.integer({ min: 1, max: 100 })).map(([some, times]) => {
    const symbols = new (some.BYTES_PER_ELEMENT === 1 ? Uint8Array : Uint16Array)(some.length * times);
    for (let i = 0; i < symbols.length; i++) symbols[i] = some[(i * i) % some.length]!;
    return symbols;
  });

  test('decode ∘ encode is the identity, and the size is known before', () =>
    fc.assert(
      fc.property(long, fc.integer({ min: 10, max: 16 }), (symbols, maxLength) => {
        const alphabetSize = 256 ** symbols.BYTES_PER_ELEMENT;
        const histogram = new Uint32Array(alphabetSize);
        for (const symbol of symbols) histogram[symbol]!++;
        for (const options of [{}, { maxLength }]) {
          const bytes = encodeHuffman(symbols, alphabetSize, options);
          const decoded = decodeHuffman(bytes, symbols.length, alphabetSize, symbols.slice().fill(0));
          expect(decoded.every((symbol, i) => symbol === symbols[i])).toBe(true);
          expect(huffmanSize(histogram, options)).toBe(bytes.length);
        }
      }),
      { seed, numRuns: 60 },
    ));

  test('takes at most the bits of plain symbols, two for each absent one beside, and a few', () =>
    fc.assert(
      fc.property(narrow, (symbols) => {
        const bits = symbols.length * 8 + 15 + 5 + 6 * 256;
        expect(encodeHuffman(symbols, 256).length).toBeLessThanOrEqual(bits / 8);
      }),
      { seed },
    ));

  test('does not change what it reads; neither the alphabet nor the type of the array changes the bytes', () =>
    fc.assert(
      fc.property(narrow, (symbols) => {
        const copy = symbols.slice();
        const bytes = encodeHuffman(symbols, 256);
        expect(encodeHuffman(Uint16Array.from(symbols), 65536)).toEqual(bytes);
        expect(symbols).toEqual(copy);
      }),
      { seed, numRuns: 20 },
    ));
});

test('golden bytes: the format stays as it is', () => {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  expect(sha256(encodeHuffman(bellShaped(20_000), 29))).toBe('ab24c811d9a861c0');
  expect(sha256(encodeHuffman(bellShaped(300), 29))).toBe('a42913a0c11bdff9');
  const wide = Uint16Array.from(bellShaped(20_000), (symbol) => symbol * 100);
  expect(sha256(encodeHuffman(wide, 2801))).toBe('c946b5b21c8e3f8d');
});

test('names the argument at fault', () => {
  expect(() => encodeHuffman(Uint8Array.of(1, 40), 32)).toThrow(
    new RangeError('encodeHuffman: "symbols" expected values < 32, got 40 at index 1'),
  );
  expect(() => encodeHuffman(new Uint8Array(0), 65537)).toThrow('"alphabetSize" expected an integer in 1…65536');
  expect(() => encodeHuffman(Uint8Array.of(1, 2, 3), 4, { maxLength: 1 })).toThrow('"maxLength" expected at least 2');
  expect(() => encodeHuffman(Uint8Array.of(1, 2, 3), 4, { maxLength: 17 })).toThrow('an integer in 1…16, got 17');
  expect(() => huffmanSize([2 ** 27, 1])).toThrow('expected at most 2^27 = 134217728, got 134217729: split them');
});

/** Sums of four digits of a linear congruential generator (Numerical Recipes): 0…28, the middle most often. */
function bellShaped(count: number): Uint8Array {
  let state = 1;
  const digit = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 29;
  return Uint8Array.from({ length: count }, () => digit() + digit() + digit() + digit());
}

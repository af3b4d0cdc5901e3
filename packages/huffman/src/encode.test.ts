import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { huffmanDecode } from './decode.ts';
import { huffmanEncode } from './encode.ts';

const seed = 1;

test('packs symbols into bytes that can be unpacked', () => {
  const symbols = Uint8Array.from({ length: 1000 }, (_, i) => Math.clz32(i & 31) - 26); // 1…6, half as often each
  const bytes = huffmanEncode(symbols);
  expect(bytes.length).toBeLessThan(1000 / 4);
  expect(huffmanDecode(bytes)).toEqual(symbols);
});

describe('edges', () => {
  test.each([
    ['nothing', new Uint8Array(0), 1],
    ['nothing, wide', new Uint16Array(0), 1],
    ['one symbol', Uint8Array.of(0), 2],
    ['the highest symbol', Uint16Array.of(65535), 6],
    ['a hundred thousand of one symbol', new Uint8Array(1e5).fill(7), 5],
    ['two symbols', Uint8Array.of(0, 255), 5],
  ])('%s', (_, symbols, size) => {
    expect(huffmanDecode(huffmanEncode(symbols))).toEqual(symbols);
    expect(huffmanEncode(symbols).length).toBe(size);
  });
});

describe('laws', () => {
  const narrow = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.array(fc.nat(7), { maxLength: 600 }).map((a) => Uint8Array.from(a)),
  );
  const wide = fc.uint16Array({ maxLength: 300 });

  test('decode ∘ encode is the identity', () =>
    fc.assert(
      fc.property(fc.oneof(narrow, wide), fc.integer({ min: 10, max: 24 }), (symbols, maxLength) => {
        expect(huffmanDecode(huffmanEncode(symbols, { maxLength }))).toEqual(symbols);
      }),
      { seed },
    ));

  test('takes at most the bits of plain symbols and a few bytes', () =>
    fc.assert(
      fc.property(narrow, (symbols) => {
        // The balanced code takes at most 8 bits a symbol; the rest is wide, count and a flat table: 1 + 5 + 9 + 1 + 15 + 17 bits.
        expect(huffmanEncode(symbols).length).toBeLessThanOrEqual(symbols.length + 6);
      }),
      { seed },
    ));

  test('does not change what it reads, and gives the same bytes each time', () =>
    fc.assert(
      fc.property(narrow, (symbols) => {
        const copy = symbols.slice();
        expect(huffmanEncode(symbols, { alphabetSize: 256 })).toEqual(huffmanEncode(symbols));
        expect(symbols).toEqual(copy);
      }),
      { seed },
    ));
});

test('golden bytes: the format stays as it is', () => {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  expect(sha256(huffmanEncode(bellShaped(20_000)))).toBe('ea0bcd35f89c9d58');
  expect(sha256(huffmanEncode(bellShaped(300)))).toBe('be9edc1bafe44336');
  expect(sha256(huffmanEncode(Uint16Array.from(bellShaped(20_000), (symbol) => symbol * 100)))).toBe(
    'b30676b2fd82b89a',
  );
});

test('names the argument at fault', () => {
  expect(() => huffmanEncode(Uint8Array.of(1, 40), { alphabetSize: 32 })).toThrow(
    new RangeError('huffmanEncode: "symbols" expected values < 32, got 40 at index 1'),
  );
  expect(() => huffmanEncode(new Uint8Array(0), { alphabetSize: 65537 })).toThrow(
    '"alphabetSize" expected an integer in 1…65536',
  );
  expect(() => huffmanEncode(Uint8Array.of(1, 2, 3), { maxLength: 1 })).toThrow('"maxLength" expected at least 2');
});

/** Sums of four digits of a linear congruential generator (Numerical Recipes): 0…28, the middle most often. */
function bellShaped(count: number): Uint8Array {
  let state = 1;
  const digit = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 29;
  return Uint8Array.from({ length: count }, () => digit() + digit() + digit() + digit());
}

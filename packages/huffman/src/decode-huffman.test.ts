import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeHuffman } from './decode-huffman.ts';
import { encodeHuffman, huffmanSize } from './encode-huffman.ts';

const histogramOf = (symbols: Uint8Array | Uint16Array, alphabetSize: number) => {
  const histogram = new Uint32Array(alphabetSize);
  for (const symbol of symbols) histogram[symbol]!++;
  return histogram;
};

test('decode ∘ encode is the identity', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 600 }),
        fc.array(fc.nat(7), { maxLength: 600 }).map((a) => Uint8Array.from(a)),
        fc.uint16Array({ maxLength: 600 }),
      ),
      fc.integer({ min: 1, max: 100 }),
      (some, times) => {
        const symbols =
          some instanceof Uint8Array ? new Uint8Array(some.length * times) : new Uint16Array(some.length * times);
        for (let i = 0; i < symbols.length; i++) symbols[i] = some[(i * i) % some.length]!;
        const size = some instanceof Uint8Array ? 256 : 65536;
        const bytes = encodeHuffman(symbols, size);
        expect(decodeHuffman(bytes, symbols.length, size)).toEqual(symbols);
        expect(huffmanSize(histogramOf(symbols, size))).toBe(bytes.length);
        const wide = Uint16Array.from(symbols);
        expect(decodeHuffman(bytes, symbols.length, size, new Uint16Array(symbols.length))).toEqual(wide);
        expect(encodeHuffman(wide, size)).toEqual(bytes);
      },
    ),
    { seed: 1 },
  ));

import { CorruptDataError, seededRandom } from '@pare/core';
import { decodeHuffman, encodeHuffman } from '@pare/huffman';
import { decodeRans, encodeRans } from '@pare/rans';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainHuffman, plainRans } from './plain-coders.ts';

const coders = [
  { name: 'Huffman', encode: encodeHuffman, fast: decodeHuffman, plain: plainHuffman },
  { name: 'rANS', encode: encodeRans, fast: decodeRans, plain: plainRans },
] as const;

const roomFor = (count: number, alphabet: number): Uint8Array | Uint16Array =>
  alphabet > 256 ? new Uint16Array(count) : new Uint8Array(count);

/** Of some alphabet, more or less even; long ones are written in four parts. */
const symbols = fc
  .record({
    width: fc.integer({ min: 1, max: 12 }),
    count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(8191, 8192, 8195)),
    tilt: fc.integer({ min: 1, max: 9 }),
    seed: fc.nat(),
  })
  .map(({ width, count, tilt, seed }) => {
    const random = seededRandom(seed);
    const alphabet = 2 ** width;
    return { alphabet, values: roomFor(count, alphabet).map(() => Math.floor(alphabet * random.float() ** tilt)) };
  });

describe.each(coders)('$name', ({ encode, fast, plain }) => {
  test('reads what the package writes', () =>
    fc.assert(
      fc.property(symbols, ({ alphabet, values }) => {
        const bytes = encode(values, alphabet);
        const out = roomFor(values.length, alphabet);
        plain(bytes, values.length, alphabet, out);
        expect(out).toEqual(values);
        expect(fast(bytes, values.length, alphabet)).toEqual(values);
      }),
      { seed: 11, numRuns: 60 },
    ));

  test('every truncation and every flipped bit ends in CorruptDataError or in symbols of the alphabet', () => {
    const random = seededRandom(3);
    const values = Uint8Array.from({ length: 60 }, () => Math.floor(20 * random.float() ** 3));
    const bytes = encode(values, 32);
    const damaged = [
      ...Array.from(bytes, (_, size) => bytes.slice(0, size)),
      ...Array.from({ length: 8 * bytes.length }, (_, bit) =>
        bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
      ),
    ];
    for (const wrong of damaged) {
      const out = new Uint8Array(60);
      try {
        plain(wrong, 60, 32, out);
        expect(out.every((symbol) => symbol < 32)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptDataError);
      }
    }
  });
});

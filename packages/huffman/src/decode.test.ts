import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type HuffmanDecodeOptions, huffmanDecode } from './decode.ts';
import { huffmanEncode } from './encode.ts';

const corrupt = (code: string) => expect.objectContaining({ name: 'CorruptDataError', code });

test('returns an array of the type that was encoded', () => {
  expect(huffmanDecode(huffmanEncode(Uint8Array.of(1, 2, 3)))).toEqual(Uint8Array.of(1, 2, 3));
  expect(huffmanDecode(huffmanEncode(Uint16Array.of(1, 2, 3)))).toEqual(Uint16Array.of(1, 2, 3));
});

describe('vectors', () => {
  interface Vector {
    readonly what: string;
    readonly wide: boolean;
    readonly symbols: readonly number[];
    readonly hex: string;
    readonly bits?: readonly (readonly [string, string])[];
  }
  const load = (name: string): Vector[] =>
    JSON.parse(readFileSync(new URL(`../test/vectors/${name}.json`, import.meta.url), 'utf8')).vectors;

  for (const { what, wide, symbols, hex, bits } of [...load('hand-made'), ...load('streams')]) {
    test(what, () => {
      const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
      const expected = wide ? Uint16Array.from(symbols) : Uint8Array.from(symbols);
      expect(huffmanDecode(bytes)).toEqual(expected);
      expect(huffmanEncode(expected).length).toBeLessThanOrEqual(bytes.length);
      if (bits) {
        const annotated = bits.map(([digits]) => digits.replaceAll(' ', '')).join('');
        const actual = [...bytes]
          .map((byte) => byte.toString(2).padStart(8, '0').split('').reverse().join(''))
          .join('');
        expect(annotated).toBe(actual);
      }
    });
  }
});

describe('hostile bytes', () => {
  const small: [string, Uint8Array | Uint16Array][] = [
    ['optimal code', Uint8Array.from({ length: 200 }, (_, i) => Math.clz32((i * 37) & 255) & 15)],
    ['balanced code', Uint8Array.from({ length: 40 }, (_, i) => (i * 7) % 23)],
    ['lone symbol', new Uint8Array(100).fill(9)],
    ['wide symbols', Uint16Array.from({ length: 60 }, (_, i) => (i % 5) ** 2 * 1000)],
    ['long codes', Uint8Array.from({ length: 9000 }, (_, i) => Math.min(13, Math.clz32(i & -i)) & 15)],
  ];
  const options: HuffmanDecodeOptions = { maxCount: 100_000 };

  /** Either an error about the data, or as many symbols as may be. */
  const surviving = (bytes: Uint8Array): void => {
    try {
      const symbols = huffmanDecode(bytes, options);
      expect(symbols instanceof Uint8Array || symbols instanceof Uint16Array).toBe(true);
      expect(symbols.length).toBeLessThanOrEqual(options.maxCount!);
    } catch (error) {
      expect(error).toMatchObject({ name: 'CorruptDataError' });
    }
  };

  test.each(small)('each truncation is noticed: %s', (_, symbols) => {
    const bytes = huffmanEncode(symbols);
    for (let length = 0; length < Math.min(bytes.length, 300); length++) {
      expect(() => huffmanDecode(bytes.subarray(0, length), options)).toThrow(corrupt('truncated'));
    }
  });

  test.each(small)('each flipped bit ends in an error or an array: %s', (_, symbols) => {
    const bytes = huffmanEncode(symbols);
    for (let bit = 0; bit < Math.min(bytes.length, 100) * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      surviving(flipped);
    }
  });

  test('so do bytes without sense', () => {
    let state = 1;
    for (let round = 0; round < 3000; round++) {
      surviving(
        Uint8Array.from({ length: round % 40 }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24),
      );
    }
    for (const byte of [0, 1, 0x55, 0xaa, 0xfe, 0xff]) surviving(new Uint8Array(1000).fill(byte));
  });

  test('refuses bytes after the end, and padding that is not zero', () => {
    const bytes = huffmanEncode(Uint8Array.of(1, 2, 3));
    expect(() => huffmanDecode(Uint8Array.of(...bytes, 0))).toThrow(corrupt('trailing-data'));
    expect(() => huffmanDecode(Uint8Array.of(0b1000_0000))).toThrow(corrupt('trailing-data'));
  });

  test('bounds a count that takes no bits by maxCount, and any other by the bits left', () => {
    const million = huffmanEncode(new Uint8Array(1e6));
    expect(() => huffmanDecode(million, { maxCount: 999_999 })).toThrow(
      'corrupt data at byte 3: 1000000 symbols, more than the 999999 allowed',
    );
    expect(huffmanDecode(million, { maxCount: 1e6 }).length).toBe(1e6);
    const thousand = huffmanEncode(Uint8Array.from({ length: 1000 }, (_, i) => i & 1));
    expect(() => huffmanDecode(thousand.subarray(0, 50))).toThrow(/too few bits left for 1000 symbols/);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeRans } from './decode.ts';
import { encodeRans } from './encode.ts';
import { decodeRans as decodeRansInWasm } from './wasm.ts';

describe('vectors', () => {
  interface Vector {
    readonly what: string;
    readonly alphabetSize: number;
    readonly symbols: readonly number[];
    readonly hex: string;
    readonly bits?: readonly (readonly [string, string])[];
  }
  const { vectors } = JSON.parse(readFileSync(new URL('../test/vectors/hand-made.json', import.meta.url), 'utf8')) as {
    vectors: Vector[];
  };

  test.each(vectors)('$what', ({ alphabetSize, symbols, hex, bits }) => {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    expect([...decodeRans(bytes, symbols.length, alphabetSize)]).toEqual(symbols);
    const annotated = bits?.map(([digits]) => digits.replaceAll(' ', '')).join('');
    const actual = [...bytes].map((byte) => [...byte.toString(2).padStart(8, '0')].reverse().join('')).join('');
    if (annotated !== undefined) expect(annotated).toBe(actual);
  });
});

describe('hostile bytes', () => {
  interface Small {
    readonly what: string;
    readonly symbols: Uint8Array | Uint16Array;
    readonly alphabetSize: number;
    readonly states: 1 | 4;
  }
  const small: Small[] = [
    {
      what: 'one state',
      symbols: Uint8Array.from({ length: 200 }, (_, i) => Math.clz32((i * 37) & 255) & 15),
      alphabetSize: 16,
      states: 1,
    },
    {
      what: 'four states',
      symbols: Uint8Array.from({ length: 300 }, (_, i) => (i * i * 7) % 23),
      alphabetSize: 23,
      states: 4,
    },
    { what: 'alone', symbols: new Uint8Array(100).fill(9), alphabetSize: 10, states: 1 },
    {
      what: 'raw bits',
      symbols: Uint16Array.from({ length: 60 }, (_, i) => (i * 7919) % 3001),
      alphabetSize: 3001,
      states: 1,
    },
  ];
  const encode = ({ symbols, alphabetSize, states }: Small): Uint8Array =>
    encodeRans(symbols, alphabetSize, { states });

  /** Either an error about the data, or as many symbols as asked for, all of the alphabet. */
  const surviving = (bytes: Uint8Array, { symbols, alphabetSize }: Small): void => {
    try {
      const decoded = decodeRans(bytes, symbols.length, alphabetSize);
      expect(decoded.length).toBe(symbols.length);
      expect(decoded.every((symbol) => symbol < alphabetSize)).toBe(true);
    } catch (error) {
      expect(error).toMatchObject({ name: 'CorruptDataError' });
      expect((error as { byte: number }).byte).toBeLessThanOrEqual(bytes.length + 8);
    }
  };

  test.each(small)('each truncation is noticed or harmless: $what', (sample) => {
    const bytes = encode(sample);
    for (let length = 0; length < bytes.length; length++) surviving(bytes.subarray(0, length), sample);
  });

  test('a stream of four states does not end where it was cut, nor goes on', () => {
    const bytes = encode(small[1]!);
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeRans(bytes.subarray(0, length), 300, 23)).toThrow(
        expect.objectContaining({ name: 'CorruptDataError' }),
      );
    }
    expect(() => decodeRans(Uint8Array.of(...bytes, 0, 0), 300, 23)).toThrow(
      expect.objectContaining({ name: 'CorruptDataError', code: 'wrong-end' }),
    );
  });

  test.each(small)('each flipped bit ends in an error or an array: $what', (sample) => {
    const bytes = encode(sample);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      surviving(flipped, sample);
    }
  });

  test('so do bytes without sense', () => {
    let state = 1;
    for (let round = 0; round < 3000; round++) {
      const bytes = Uint8Array.from(
        { length: round % 40 },
        () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24,
      );
      surviving(bytes, small[round % small.length]!);
    }
    for (const byte of [0, 1, 0x55, 0xaa, 0xfe, 0xff]) surviving(new Uint8Array(1000).fill(byte), small[0]!);
  });

  test('the twins refuse the same', () => {
    const sample: Small = {
      what: 'long',
      symbols: Uint8Array.from({ length: 5000 }, (_, i) => Math.clz32(Math.imul(i, 2654435761) | 1)),
      alphabetSize: 32,
      states: 4,
    };
    const bytes = encode(sample);
    const verdict = (decode: typeof decodeRans, data: Uint8Array): unknown => {
      try {
        return decode(data, 5000, 32);
      } catch (error) {
        return (error as { code: unknown }).code;
      }
    };
    for (let i = 0; i < 400; i++) {
      const damaged = bytes.slice(0, i % 3 === 0 ? bytes.length - (i % 50) : bytes.length);
      if (i % 3 > 0) damaged[(i * 7) % damaged.length]! ^= 1 << (i & 7);
      expect(verdict(decodeRansInWasm, damaged)).toEqual(verdict(decodeRans, damaged));
    }
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeWith } from './_decode-with.ts';
import { decodeHuffman } from './decode.ts';
import { encodeHuffman } from './encode.ts';
import { decodeHuffman as decodeInWasm } from './wasm.ts';

type Symbols = Uint8Array | Uint16Array;
type Decode = (bytes: Uint8Array, count: number, alphabetSize: number, out?: Symbols) => Symbols;

const corrupt = (code: string) => expect.objectContaining({ name: 'CorruptDataError', code });

test('returns an array of the type that the alphabet needs', () => {
  expect(decodeHuffman(encodeHuffman(Uint8Array.of(1, 2, 3), 4), 3, 4)).toEqual(Uint8Array.of(1, 2, 3));
  expect(decodeHuffman(encodeHuffman(Uint16Array.of(1, 2, 300), 301), 3, 301)).toEqual(Uint16Array.of(1, 2, 300));
});

test('fills the array it is given', () => {
  const out = new Uint16Array(3);
  expect(decodeHuffman(encodeHuffman(Uint8Array.of(1, 2, 3), 4), 3, 4, out)).toBe(out);
  expect(out).toEqual(Uint16Array.of(1, 2, 3));
});

test('says of bad arguments what they are', () => {
  expect(() => decodeHuffman(new Uint8Array(0), 3, 4, new Uint8Array(2))).toThrow(
    new RangeError('decodeHuffman: "out" expected 3 elements < 4, got 2 of 1 bytes'),
  );
  expect(() => decodeHuffman(new Uint8Array(0), 3, 257, new Uint8Array(3))).toThrow('3 elements < 257');
  expect(() => decodeHuffman(new Uint8Array(0), 2 ** 27 + 1, 4, new Uint8Array(1))).toThrow(RangeError);
});

describe('vectors', () => {
  interface HandMade {
    readonly what: string;
    readonly alphabetSize: number;
    readonly symbols: readonly number[];
    readonly bits: readonly (readonly [string, string])[];
    readonly hex: string;
  }
  interface Generated {
    readonly what: string;
    readonly lengths: Readonly<Record<string, number>>;
    readonly turns: number;
    readonly hex: string;
  }
  const load = <T>(name: string): T[] =>
    JSON.parse(readFileSync(new URL(`../test/vectors/${name}.json`, import.meta.url), 'utf8')).vectors;
  const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

  for (const { what, alphabetSize, symbols, bits, hex } of load<HandMade>('hand-made')) {
    test(what, () => {
      const inHex = [...bytesOf(hex)].map((byte) => byte.toString(2).padStart(8, '0').split('').reverse().join(''));
      expect(bits.map(([digits]) => digits).join('')).toBe(inHex.join(''));
      expect(decodeHuffman(bytesOf(hex), symbols.length, alphabetSize)).toEqual(Uint8Array.from(symbols));
      expect(encodeHuffman(Uint8Array.from(symbols), alphabetSize)).toEqual(bytesOf(hex));
    });
  }
  for (const { what, lengths, turns, hex } of load<Generated>('streams')) {
    test(what, () => {
      const used = Object.entries(lengths).map(([symbol, length]) => ({ symbol: Number(symbol), length }));
      const symbols = used.map(({ symbol }) => symbol);
      for (let turn = 1; turn <= turns; turn++) {
        for (const { symbol, length } of used) if (turn % 2 ** length === 0) symbols.push(symbol);
      }
      for (const decode of [decodeHuffman, decodeInWasm] as Decode[]) {
        expect([...decode(bytesOf(hex), symbols.length, used.at(-1)!.symbol + 1)]).toEqual(symbols);
      }
      const ours = encodeHuffman(Uint16Array.from(symbols), used.at(-1)!.symbol + 1, { maxLength: 16 });
      expect(ours.length).toBeLessThanOrEqual(bytesOf(hex).length);
    });
  }
});

/** Streams of all sorts, with their alphabets. */
const samples: readonly (readonly [string, Symbols, number])[] = [
  ['a few symbols', Uint8Array.from({ length: 200 }, (_, i) => Math.clz32((i * 37) & 255) & 15), 16],
  ['all alike', Uint8Array.from({ length: 40 }, (_, i) => (i * 7) % 23), 23],
  ['a lone symbol', new Uint8Array(100).fill(9), 10],
  ['wide symbols', Uint16Array.from({ length: 60 }, (_, i) => (i % 5) ** 2 * 1000), 16001],
  ['codes of up to 11 bits', Uint8Array.from({ length: 7000 }, (_, i) => Math.clz32(i & -i) & 15), 16],
  ['four parts', Uint8Array.from({ length: 8192 }, (_, i) => Math.clz32(Math.imul(i, 0x9e3779b1) | 1) & 7), 8],
  ['four parts, the last one shorter', Uint8Array.from({ length: 8193 }, (_, i) => i ** 3 % 251), 251],
  ['four parts of a lone symbol', new Uint8Array(9000).fill(3), 4],
  ['four parts of wide symbols', Uint16Array.from({ length: 8999 }, (_, i) => (i % 90) ** 2), 7922],
  ['four parts of codes over 14 bits', Uint16Array.from({ length: 30_000 }, (_, i) => (i < 9000 ? i : 0)), 9000],
];

/** What comes of decoding: the symbols, or the error. */
function outcome(decode: Decode, bytes: Uint8Array, count: number, alphabetSize: number): unknown {
  try {
    return decode(bytes, count, alphabetSize);
  } catch (error) {
    const { name, code, byte } = error as Error & { code?: string; byte?: number };
    if (name !== 'CorruptDataError') throw error;
    return `${code} at ${byte}`;
  }
}

/** The plain twin of both: one symbol after the other, its code gathered bit by bit. */
const decodePlainly: Decode = (...given) =>
  decodeWith(
    (entries, bytes, position, out, target, end, width) => {
      const bitAt = (place: number): number => (bytes[place >>> 3]! >> (place & 7)) & 1; // past the end: zeros
      for (; target < end; target += width) {
        let index = 0;
        for (let i = 0; 1 << i < entries.length; i++) index |= bitAt(position + i) << i;
        const entry = entries[index]!;
        for (let i = 0; i < width; i++) out[target + i] = entry >>> (8 + 8 * i);
        position += (entry >>> 24) & 31;
      }
      return position;
    },
    ...given,
  );

/** Decodes in every way; all must come to the same. */
function agreed(bytes: Uint8Array, count: number, alphabetSize: number): unknown {
  const expected = outcome(decodePlainly, bytes, count, alphabetSize);
  for (const decode of [decodeHuffman, decodeInWasm] as Decode[]) {
    const result = outcome(decode, bytes, count, alphabetSize);
    if (!isSame(result, expected)) expect(result).toEqual(expected); // which is slow, so only to say what differs
  }
  return expected;
}

const isSame = (a: unknown, b: unknown): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array
    ? Buffer.compare(a, b) === 0
    : a instanceof Uint16Array && b instanceof Uint16Array
      ? a.length === b.length && a.every((value, i) => value === b[i])
      : a === b;

/** Places that are all of a short array, and some of a long one: its start, where the code is, and its end. */
const places = (length: number): number[] =>
  [...Array(length).keys()].filter((i) => i < 100 || i > length - 20 || i % 1999 === 0);

describe.each(samples)('%s', (_, symbols, alphabetSize) => {
  const bytes = encodeHuffman(symbols, alphabetSize);
  const { length: count } = symbols;

  test('comes back, from all decoders and into both types of array', () => {
    expect(agreed(bytes, count, alphabetSize)).toEqual(symbols);
    for (const decode of [decodePlainly, decodeHuffman, decodeInWasm] as Decode[]) {
      expect(decode(bytes, count, alphabetSize, new Uint16Array(count))).toEqual(Uint16Array.from(symbols));
    }
  });

  test('each truncation is noticed', () => {
    for (const length of places(bytes.length)) {
      expect(agreed(bytes.subarray(0, length), count, alphabetSize)).toMatch(/^truncated /);
    }
  });

  test('each flipped bit ends in an error or in as many symbols of the alphabet', () => {
    for (const bit of places(bytes.length * 8)) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const result = agreed(flipped, count, alphabetSize);
      if (typeof result === 'string') continue;
      expect(result).toHaveLength(count);
      expect((result as Uint8Array).findIndex((symbol) => symbol >= alphabetSize)).toBe(-1);
    }
  });

  test('refuses another count, and bytes behind the end', () => {
    expect(agreed(Uint8Array.of(...bytes, 0), count, alphabetSize)).toMatch(/^trailing-data /);
    if (new Set(symbols).size === 1) return; // takes no bits: any count will do
    expect(agreed(bytes, count - 9, alphabetSize)).toMatch(/ at /);
    expect(agreed(bytes, count + 9, alphabetSize)).toMatch(/ at /);
  });

  test('refuses symbols beyond the alphabet', () => {
    expect(agreed(bytes, count, alphabetSize - 1)).toMatch(/^invalid-code /);
  });
});

test('sizes of parts are hints: wrong ones change nothing', () => {
  const symbols = Uint8Array.from({ length: 9000 }, (_, i) => (i * i) & 3);
  const bytes = encodeHuffman(symbols, 4);
  // gamma(1), length 1 in five bits, unary(0) for symbol 1: 7 bits. Then three sizes of 12 bits.
  for (let bit = 7; bit < 7 + 3 * 12; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(agreed(flipped, symbols.length, 4)).toEqual(symbols);
  }
});

describe('bytes without sense', () => {
  test('end in an error or in symbols', () => {
    let state = 1;
    const noise = (length: number) =>
      Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
    for (let round = 0; round < 2000; round++) agreed(noise(round % 40), 1 + (round % 200), 256);
    for (let round = 0; round < 200; round++) agreed(noise(2000), 8192 + round, 65536);
    for (const byte of [0, 1, 0x55, 0xaa, 0xfe, 0xff]) agreed(new Uint8Array(5000).fill(byte), 10_000, 65536);
  });

  test('a unary number does not go on for ever', () => {
    expect(agreed(new Uint8Array(1e6).fill(255), 10, 65536)).toMatch(/^invalid-code at (?!.*\d{4})/);
  });

  test('a code is complete, on the alphabet, and of at most 16 bits', () => {
    const bits = (digits: string) =>
      Uint8Array.from(digits.replaceAll(' ', '').match(/.{1,8}/g)!, (byte) =>
        Number.parseInt([...byte.padEnd(8, '0')].reverse().join(''), 2),
      );
    const refused = (digits: string) => () => decodeHuffman(bits(digits), 9, 256);
    expect(refused('0 10000 0 0')).toThrow(corrupt('truncated')); // 1, 1: complete, but no symbols follow
    expect(refused('0 10000 10 110')).toThrow(corrupt('invalid-code')); // 1, 2, 1: over-subscribed
    expect(refused('0 10001 ')).toThrow(corrupt('invalid-code')); // 17
    expect(refused('0 01000 11111110')).toThrow(corrupt('invalid-code')); // 2, then −1
    expect(refused('11111111 0 11111111 00000')).toThrow(corrupt('invalid-code')); // symbol 510
  });

  test('padding is zero', () => {
    const bytes = encodeHuffman(Uint8Array.of(0, 1, 2, 1), 3);
    bytes[bytes.length - 1]! |= 128;
    expect(() => decodeHuffman(bytes, 4, 3)).toThrow(corrupt('trailing-data'));
  });

  test('no symbols are no bytes', () => {
    expect(decodeHuffman(new Uint8Array(0), 0, 5)).toEqual(new Uint8Array(0));
    expect(() => decodeHuffman(new Uint8Array(1), 0, 5)).toThrow(corrupt('trailing-data'));
  });
});

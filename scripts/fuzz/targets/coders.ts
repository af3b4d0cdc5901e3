import type { Random } from '../../../packages/core/src/index.ts';
import { decodeHuffman, encodeHuffman } from '../../../packages/huffman/src/index.ts';
import { decodeHuffman as decodeHuffmanInWasm } from '../../../packages/huffman/src/wasm.ts';
import { decodeRans, encodeRans } from '../../../packages/rans/src/index.ts';
import { decodeRans as decodeRansInWasm } from '../../../packages/rans/src/wasm.ts';
import { defineTarget, demand, type Seed, type Target } from '../target.ts';

type Symbols = Uint8Array | Uint16Array;
type Decode = (bytes: Uint8Array, count: number, alphabetSize: number, out: Symbols) => Symbols;

/** What a decoder of symbols is told from outside. */
interface Told {
  readonly count: number;
  readonly alphabetSize: number;
}

const coder = (
  name: string,
  weight: number,
  encode: (symbols: Symbols, alphabetSize: number) => Uint8Array,
  decode: Decode,
  twin?: Decode,
): Target =>
  defineTarget<Told>({
    name,
    weight,
    mostBytes: 2 ** 22,
    seeds: () => seedsOf(encode, twin !== undefined),
    read(bytes, told, random) {
      const { count, alphabetSize } = { ...told, count: countNear(told.count, random) };
      const decodeWith = (decode: Decode): Symbols => {
        const out = alphabetSize > 256 ? new Uint16Array(count) : new Uint8Array(count);
        const symbols = decode(bytes, count, alphabetSize, out);
        demand(symbols === out, 'does not return "out"');
        demand(
          symbols.every((symbol) => symbol < alphabetSize),
          'gives a symbol beyond the alphabet',
        );
        return symbols;
      };
      if (!twin) return decodeWith(decode);
      const plain = attempt(() => decodeWith(decode));
      const fast = attempt(() => decodeWith(twin));
      demand('error' in plain === 'error' in fast, 'is read by one twin and refused by the other');
      if ('error' in plain) throw (fast as { error: unknown }).error;
      const other = (fast as { symbols: Symbols }).symbols;
      demand(
        plain.symbols.every((symbol, i) => symbol === other[i]),
        'is read differently by the twins',
      );
      return other;
    },
  });

/** Mostly the right one. */
function countNear(count: number, random: Random): number {
  const choice = random.integer(10);
  return choice === 0 ? random.integer(9000) : choice === 1 ? Math.max(0, count + random.integer(9) - 4) : count;
}

function attempt(decode: () => Symbols): { readonly symbols: Symbols } | { readonly error: unknown } {
  try {
    return { symbols: decode() };
  } catch (error) {
    if ((error as Error).name === 'Violation') throw error;
    return { error };
  }
}

function seedsOf(encode: (symbols: Symbols, alphabetSize: number) => Uint8Array, long: boolean): Seed<Told>[] {
  const draw = (count: number, alphabetSize: number, power: number): Symbols => {
    let state = count + alphabetSize;
    const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const symbol = (): number => Math.floor(alphabetSize * next() ** power);
    return alphabetSize > 256
      ? Uint16Array.from({ length: count }, symbol)
      : Uint8Array.from({ length: count }, symbol);
  };
  const cases: [count: number, alphabetSize: number, power: number][] = [
    [20, 2, 3],
    [60, 16, 2],
    [300, 64, 3],
    [500, 256, 2],
    [200, 3000, 2],
    [150, 65536, 9],
    [900, 32, 40],
    ...(long
      ? ([
          [8500, 30, 3],
          [9000, 256, 1],
          [8200, 2, 9],
          [8300, 700, 3],
        ] as [number, number, number][])
      : []),
  ];
  return cases.map(([count, alphabetSize, power]) => ({
    what: `${count} of ${alphabetSize} symbols`,
    bytes: encode(draw(count, alphabetSize, power), alphabetSize),
    told: { count, alphabetSize },
  }));
}

export const coders: readonly Target[] = [
  coder('huffman', 14, encodeHuffman, decodeHuffman),
  coder('huffman-wasm', 4, encodeHuffman, decodeHuffman, decodeHuffmanInWasm),
  coder('rans', 14, encodeRans, decodeRans),
  coder('rans-wasm', 4, encodeRans, decodeRans, decodeRansInWasm),
];

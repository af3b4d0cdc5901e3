import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { encodeHuffman } from '@pare/huffman';
import { decodeHuffman } from '@pare/huffman/decode';
import { decodeHuffman as decodeHuffmanWasm } from '@pare/huffman/wasm';
import { encodeRans } from '@pare/rans';
import { decodeRans } from '@pare/rans/wasm';
import { inflateSync } from 'fflate';
import { type Contest, type Entry, symbolsPerSecond } from './measure.ts';
import { type Symbols, symbolKinds } from './symbols.ts';
import { wholeFileEntries } from './whole-file.ts';

const ROUNDS = 20;

/** Decoding symbols against inflate, and whole files against brotli. */
export function* codingEntries(): Generator<Entry> {
  for (const kind of symbolKinds()) yield* symbolContests(kind);
  yield* wholeFileEntries();
}

type Decode = (bytes: Uint8Array, count: number, alphabetSize: number, out: Uint8Array) => unknown;

/** All sides decode the same symbols into an array that is there. */
function* symbolContests({ name, alphabetSize, symbols }: Symbols): Generator<Contest> {
  const huffman = encodeHuffman(symbols, alphabetSize);
  const rans = encodeRans(symbols, alphabetSize);
  const deflated = deflateRawSync(symbols);
  const inflated = new Uint8Array(symbols.length);
  const ours = (decode: Decode, bytes: Uint8Array): Contest['ours'] => {
    const out = new Uint8Array(symbols.length);
    decode(bytes, symbols.length, alphabetSize, out);
    if (!out.every((symbol, i) => symbol === symbols[i])) throw new Error(`${name}: not what was encoded`);
    return { run: () => decode(bytes, symbols.length, alphabetSize, out) };
  };
  const fflate = {
    peer: 'fflate 0.8.3 inflateSync, of bytes that zlib deflated at its default level',
    theirs: { run: () => void inflateSync(deflated, { out: inflated }) },
  };
  const zlib = {
    peer: "node's zlib inflateRawSync, of the same bytes",
    theirs: { run: () => void inflateRawSync(deflated) },
  };
  const common = { rounds: ROUNDS, unit: symbolsPerSecond(symbols.length) };
  const inWasm = ours(decodeHuffmanWasm, huffman);
  yield { ...common, ...fflate, name: `Huffman, ${name}, fflate`, ours: inWasm, must: 4, goal: 6 };
  yield { ...common, ...zlib, name: `Huffman, ${name}, zlib`, ours: inWasm, must: 1.8, goal: 2.5 };
  const inPlain = ours(decodeHuffman, huffman);
  yield { ...common, ...fflate, name: `Huffman without WASM, ${name}, fflate`, ours: inPlain, must: null, goal: null };
  yield { ...common, ...fflate, name: `rANS, ${name}, fflate`, ours: ours(decodeRans, rans), must: 3, goal: 5 };
}

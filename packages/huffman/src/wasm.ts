import { decodeWith } from './_decode-with.ts';
import { bitSource } from './bit-source.ts';
import { decodeCodes } from './decode-codes.ts';
import { decodePartsWasm } from './decode-parts.wasm.ts';

export { type CorruptDataCode, CorruptDataError } from './corrupt-data.ts';

/**
 * Decodes what `encodeHuffman` made.
 *
 * Differs from the `decodeHuffman` of `@pare/huffman/decode` in going through streams of 2^13 symbols or more in
 * WebAssembly, some four times as fast. The module is compiled with the first such stream and has 192 kB of memory, for all of
 * them. Where there is no WebAssembly, or a page does not allow it, this is that function.
 *
 * @throws as the other
 * @example
 * decodeHuffman(encodeHuffman(Uint8Array.of(1, 2, 3), 4), 3, 4) // Uint8Array [1, 2, 3]
 */
export function decodeHuffman<Out extends Uint8Array | Uint16Array>(
  bytes: Uint8Array,
  count: number,
  alphabetSize: number,
  out?: Out,
): Out {
  return decodeWith(decodeInWasm, bytes, count, alphabetSize, out) as Out;
}

// Memory as assembly/decode-parts.ts draws it. From WINDOWS on each part has a window of input and one of output, with room
// for MOST_ROUNDS rounds: a call to the module for every 2^15 symbols, and copies that stay in the second-level cache.
const ENTRIES = 32;
const MOST_BITS = 14; // of a code that can be looked up
const MOST_ENTRIES = 2 ** MOST_BITS;
const WINDOWS = 65600;
const MOST_ROUNDS = 2 ** 11;
const ROUND_BITS = 4 * 14;
const ROUND_BYTES = 4 * 2; // written by a round
const INPUT = (MOST_ROUNDS * ROUND_BITS) / 8 + 8; // a round begins anywhere in a byte and loads eight
const OUTPUT = MOST_ROUNDS * ROUND_BYTES;

/** Differs from `decodeCodes` in decoding four parts at a time, if the sizes that are written before them are right. */
const decodeInWasm: Parameters<typeof decodeWith>[0] = (
  entries,
  bytes,
  position,
  out,
  target,
  end,
  width,
  sizeBits,
) => {
  const module = sizeBits > 0 && entries.length <= MOST_ENTRIES ? instantiated() : undefined;
  if (module) {
    const sizes = bitSource(bytes, position - 3 * sizeBits);
    const partSize = Math.ceil(end / width / 4) * width;
    const parts: Part[] = [];
    for (let k = 0, start = position; k < 4; k++) {
      parts.push({ start, position: start, target: k * partSize, end: Math.min(end, (k + 1) * partSize) });
      if (k < 3) start += sizes.read(sizeBits);
    }
    decodeRounds(module, entries, bytes, parts, out);
    let next = position;
    const fits = parts.every((part) => {
      if (part.start !== next) return false;
      // Of the bytes only those that its last codes can take: `decodeCodes` copies what it is given.
      const byte = part.position >>> 3;
      const most = 8 + (((part.end - part.target) / width) * MOST_BITS) / 8;
      const rest = bytes.subarray(byte, byte + Math.ceil(most));
      next = 8 * byte + decodeCodes(entries, rest, part.position & 7, out, part.target, part.end, width);
      return true;
    });
    if (fits) return next;
  }
  return decodeCodes(entries, bytes, position, out, target, end, width);
};

/** A part of a stream, and how far it is decoded. */
interface Part {
  /** The bit at which it starts, if the sizes of those before are right. */
  readonly start: number;
  /** The bit that comes next. */
  position: number;
  /** Index of the byte of the output that comes next. */
  target: number;
  /** Index of the byte of the output behind its last. */
  readonly end: number;
}

/** Decodes from four parts in turn as far as neither input nor output needs watching, and moves them on. */
function decodeRounds(
  { memory, decodeParts }: Module,
  entries: Int32Array,
  bytes: Uint8Array,
  parts: readonly Part[],
  out: Uint8Array,
): void {
  const here = new Uint8Array(memory.buffer);
  const state = new Int32Array(memory.buffer, 0, 8);
  new Int32Array(memory.buffer, ENTRIES).set(entries);
  for (;;) {
    let rounds = MOST_ROUNDS;
    for (const { position, target, end } of parts) {
      rounds = Math.min(rounds, (bytes.length * 8 - 64 - position) / ROUND_BITS, (end - target) / ROUND_BYTES);
    }
    rounds = Math.floor(rounds);
    if (rounds < 1) return;
    for (const [k, { position }] of parts.entries()) {
      const window = WINDOWS + k * (INPUT + OUTPUT);
      const byte = position >>> 3;
      here.set(bytes.subarray(byte, byte + (rounds * ROUND_BITS) / 8 + 8), window);
      state[k] = window * 8 + (position & 7);
      state[4 + k] = window + INPUT;
    }
    decodeParts(rounds, 4 * (entries.length - 1));
    for (const [k, part] of parts.entries()) {
      const window = WINDOWS + k * (INPUT + OUTPUT);
      const written = here.subarray(window + INPUT, state[4 + k]);
      out.set(written, part.target);
      part.target += written.length;
      part.position += state[k]! - window * 8 - (part.position & 7);
    }
  }
}

interface Module {
  readonly memory: WebAssembly.Memory;
  readonly decodeParts: (rounds: number, mask: number) => void;
}

/** Undefined before the first use, null where WebAssembly is not allowed. */
let instance: Module | null | undefined;

function instantiated(): Module | null {
  if (instance === undefined) {
    try {
      const binary = Uint8Array.from(atob(decodePartsWasm), (character) => character.charCodeAt(0));
      // The border to WebAssembly, which knows the types of its exports no better.
      instance = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as unknown as Module;
    } catch {
      instance = null; // JavaScript gives the same results, so nobody needs to know
    }
  }
  return instance;
}

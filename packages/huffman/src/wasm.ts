import { decodeWith } from './_decode-with.ts';
import { type DecodeRounds, decodeRounds } from './decode-rounds.ts';
import { decodeRoundsWasm } from './decode-rounds.wasm.ts';

/**
 * Decodes what `encodeHuffman` made.
 *
 * Differs from the `decodeHuffman` of `@pare/huffman/decode` in going through streams of 2^13 symbols or more in
 * WebAssembly, about twice as fast. The module is compiled with the first such stream and has 192 kB of memory, for all of
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
  return decodeWith(wasmRounds, bytes, count, alphabetSize, out) as Out;
}

// Memory as assembly/decode-rounds.ts draws it. From WINDOWS on each part has a window of input and one of output, with room
// for MOST_ROUNDS rounds: a call to the module for every 2^15 symbols, and copies that stay in the second-level cache.
const ENTRIES = 32;
const MOST_ENTRIES = 2 ** 14;
const WINDOWS = 65600;
const MOST_ROUNDS = 2 ** 11;
const ROUND_BITS = 4 * 14;
const ROUND_BYTES = 4 * 2; // written by a round
const INPUT = (MOST_ROUNDS * ROUND_BITS) / 8 + 8; // a round begins anywhere in a byte and loads eight
const OUTPUT = MOST_ROUNDS * ROUND_BYTES;

interface Module {
  readonly memory: WebAssembly.Memory;
  readonly decodeRounds: (rounds: number, mask: number) => void;
}

let module: Module | undefined;

const wasmRounds: DecodeRounds = (entries, bytes, parts, out) => {
  if (parts.length < 4 || entries.length > MOST_ENTRIES) return;
  try {
    module ??= instantiate();
  } catch {
    decodeRounds(entries, bytes, parts, out);
    return;
  }
  const { memory, decodeRounds: run } = module;
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
    run(rounds, 4 * (entries.length - 1));
    for (const [k, part] of parts.entries()) {
      const window = WINDOWS + k * (INPUT + OUTPUT);
      const written = here.subarray(window + INPUT, state[4 + k]);
      out.set(written, part.target);
      part.target += written.length;
      part.position += state[k]! - window * 8 - (part.position & 7);
    }
  }
};

function instantiate(): Module {
  const binary = Uint8Array.from(atob(decodeRoundsWasm), (character) => character.charCodeAt(0));
  // The border to WebAssembly, which knows the types of its exports no better.
  return new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as unknown as Module;
}

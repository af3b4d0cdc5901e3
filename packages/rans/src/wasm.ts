import { decodeWith, type WordDecoder } from './_decode-with.ts';
import { STATES } from './_layout.ts';
import { decodeWasm } from './decode.wasm.ts';
import { decodeWords } from './decode-words.ts';

export { type CorruptDataCode, CorruptDataError } from './corrupt-data.ts';

/**
 * Decodes what `encodeRans` made, as `decodeRans` of `./decode` does and with the same results, but long streams in WebAssembly.
 *
 * Its module is compiled at the first of them. Where WebAssembly is not allowed (a content security policy without
 * `wasm-unsafe-eval`), JavaScript does it all. Memory: half a MiB, whatever the stream.
 *
 * @param bytes - all of the stream, and nothing else
 * @param count - how many symbols. A symbol that is alone takes no bits, so bound it before
 * @param alphabetSize - the one that was encoded for, 1…65536
 * @param out - receives the symbols; may be longer than `count`
 * @returns out
 * @throws CorruptDataError if the bytes are not such a stream
 * @throws RangeError if `out` is too short, or its elements too narrow for the alphabet
 * @example
 * decodeRans(encodeRans(Uint8Array.of(1, 2, 3)), 3, 256) // Uint8Array [1, 2, 3]
 */
export function decodeRans(bytes: Uint8Array, count: number, alphabetSize: number): Uint8Array | Uint16Array;
export function decodeRans<Out extends Uint8Array | Uint16Array>(
  bytes: Uint8Array,
  count: number,
  alphabetSize: number,
  out: Out,
): Out;
export function decodeRans(
  bytes: Uint8Array,
  count: number,
  alphabetSize: number,
  out: Uint8Array | Uint16Array = alphabetSize > 256 ? new Uint16Array(count) : new Uint8Array(count),
): Uint8Array | Uint16Array {
  return decodeWith(decodeWordsInWasm, bytes, count, alphabetSize, out);
}

// Where things are in the module's memory, in bytes, as in assembly/index.ts.
const SYMBOLS = 0x20000;
const STATES_THERE = 0x30000;
const WORDS = 0x40000;
const OUT = 0x60000;

// Below it copying the table takes as long as JavaScript takes for all.
const WORTHWHILE = 4096;
// A call decodes at most so many symbols: at two bytes they reach the end of the memory.
const SYMBOLS_PER_CALL = 0x8000;
// Each takes at most one word, as frequencies have at most 15 bits and a word has 16.
const BYTES_PER_CALL = 2 * SYMBOLS_PER_CALL;

/** Differs from `decodeWords` in decoding rounds of four states in WebAssembly; what is left goes there. */
const decodeWordsInWasm: WordDecoder = (bytes, start, table, states, count, out) => {
  let next = start;
  let done = 0;
  const instance = states.length === STATES && count >= WORTHWHILE ? instantiated() : undefined;
  if (instance !== undefined) {
    const { decode, memory } = instance;
    const width = out.BYTES_PER_ELEMENT;
    new Uint32Array(memory).set(table.steps);
    new Uint16Array(memory, SYMBOLS).set(table.symbols);
    const window = new Uint8Array(memory, WORDS, OUT - WORDS);
    const decoded = width === 1 ? new Uint8Array(memory, OUT) : new Uint16Array(memory, OUT);
    const statesThere = new Int32Array(memory, STATES_THERE, STATES);
    statesThere.set(states);

    // Invariant: `window` holds bytes[windowStart …], zeros after their end, and of those left at least what a call can take.
    let windowStart = -Infinity;
    while (count - done >= STATES) {
      if (next + BYTES_PER_CALL > windowStart + window.length) {
        windowStart = next;
        const words = bytes.subarray(next, next + window.length);
        window.fill(0, words.length).set(words);
      }
      const symbols = Math.min(SYMBOLS_PER_CALL, count - done - ((count - done) % STATES));
      next = windowStart + decode(table.precision, next - windowStart, width, symbols / STATES);
      out.set(decoded.subarray(0, symbols), done);
      done += symbols;
    }
    states.set(statesThere);
  }
  return decodeWords(bytes, next, table, states, count - done, out.subarray(done));
};

interface Instance {
  readonly decode: (precision: number, skip: number, width: number, rounds: number) => number;
  readonly memory: ArrayBuffer;
}

/** Undefined before the first use, null where WebAssembly is not allowed. */
let instance: Instance | null | undefined;

function instantiated(): Instance | undefined {
  if (instance === undefined) {
    try {
      const module = new WebAssembly.Module(Uint8Array.from(atob(decodeWasm), (character) => character.charCodeAt(0)));
      const { decode, memory } = new WebAssembly.Instance(module).exports;
      instance = { decode: decode as Instance['decode'], memory: (memory as WebAssembly.Memory).buffer };
    } catch {
      instance = null; // JavaScript gives the same results, so nobody needs to know
    }
  }
  return instance ?? undefined;
}

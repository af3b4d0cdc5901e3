import { CorruptDataError } from '@pare/core';
import { adaptiveWasm } from './adaptive.wasm.ts';
import { endsThere, mostBits, shortestIn } from './arithmetic-decode.ts';
import type { BitCoder, BitEncoder, Walks } from './bit-coder.ts';
import { LEARNING, RATE, SQUASH, STRETCH, TRUST } from './mixture.ts';
import type { Places } from './places.ts';
import { type Machines, TRELLIS_NEXT } from './trellis.ts';

/** What the module offers; see assembly/adaptive.ts. Numbers over 2³¹ come out negative. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly failure: WebAssembly.Global;
  readonly range: WebAssembly.Global;
  readonly code: WebAssembly.Global;
  readonly next: WebAssembly.Global;
  readonly written: WebAssembly.Global;
  readonly bits: WebAssembly.Global;
  allocate(size: number): number;
  release(pointer: number): void;
  startDecoding(pointer: number, size: number, mostBits: number): void;
  startEncoding(): void;
  codeBit(bit: number, probability: number): number;
  lowTop(): number;
  lowRest(): number;
  waiting(): number;
  finish(carry: number, rest: number): void;
  walkSymbols(...values: number[]): void;
  walkLevels(...values: number[]): void;
}

// Where assembly/adaptive.ts has its tables, and its output.
const TABLES = { stretch: 0, squash: 16384, rate: 24576, trust: 25600, learning: 26624, next: 29696 } as const;
const MACHINES: readonly Machines[] = ['none', 'lines', 'columns'];
const OUT = 65536;
const HEAP = 131072;

/** Memory is given back if a walk took more than this, 64 MiB: modules keep what they have grown to. */
const MOST_KEPT = 2 ** 26;

let shared: Exports | null | undefined;
let flushed: ((bytes: Uint8Array) => void) | undefined;

/** The module, compiled at first use; null where there is no WebAssembly, or a page does not allow it. */
function instance(): Exports | null {
  if (shared && shared.memory.buffer.byteLength > MOST_KEPT) shared = undefined;
  if (shared === undefined) {
    try {
      shared = instantiate();
    } catch {
      shared = null;
    }
  }
  return shared;
}

function instantiate(): Exports {
  const binary = Uint8Array.from(atob(adaptiveWasm), (character) => character.charCodeAt(0));
  const host = {
    flush: (pointer: number, size: number) => flushed?.(new Uint8Array(exports.memory.buffer, pointer, size).slice()),
  };
  // The border to WebAssembly, which knows the types of its exports no better.
  const exports = new WebAssembly.Instance(new WebAssembly.Module(binary), { host }).exports as unknown as Exports;
  const { buffer } = exports.memory;
  new Int32Array(buffer, TABLES.stretch).set(STRETCH);
  new Uint16Array(buffer, TABLES.squash).set(SQUASH);
  new Int32Array(buffer, TABLES.rate).set(RATE);
  new Int32Array(buffer, TABLES.trust).set(TRUST);
  new Int32Array(buffer, TABLES.learning).set(LEARNING);
  new Uint8Array(buffer, TABLES.next).set(TRELLIS_NEXT);
  return exports;
}

/**
 * Opens bytes for decoding in WebAssembly: differs from `ArithmeticDecoder` in doing the walks over places there. There is one
 * module for all, so that one coder must be finished before the next is opened.
 *
 * @returns undefined where WebAssembly is not to be had
 */
export function wasmDecoder(bytes: Uint8Array): (BitCoder & { expectEnd(): void }) | undefined {
  const module = instance();
  if (!module) return undefined;
  module.release(HEAP);
  const pointer = module.allocate(bytes.length);
  new Uint8Array(module.memory.buffer, pointer, bytes.length).set(bytes);
  const next = (): number => module.next.value - pointer;
  const fail = (code: string, explanation: string): never => {
    throw new CorruptDataError(code, Math.min(next(), bytes.length), explanation);
  };
  const check = (): void => {
    if (module.failure.value === 1) fail('truncated', 'the data ends early');
    if (module.failure.value === 2) fail('number-out-of-range', 'a level over the largest');
    if (module.failure.value === 3) fail('limit', 'more bits than so few bytes may stand for');
  };
  module.startDecoding(pointer, bytes.length, Math.min(mostBits(bytes.length), 0xffffffff));
  if (module.code.value >>> 0 === 0xffffffff) fail('not-a-stream', 'no encoder starts like this');
  return {
    code(_bit, probability) {
      const bit = module.codeBit(0, probability);
      if (module.failure.value !== 0) check();
      return bit;
    },
    fail,
    walks: walksOf(module, false, check, () => fail('limit', 'a matrix that takes more memory than there is')),
    expectEnd() {
      if (!endsThere(bytes, next(), module.range.value >>> 0, module.code.value >>> 0)) {
        fail('trailing-data', 'there is more data than expected');
      }
    },
  };
}

/** As {@link wasmDecoder}, the twin of `ArithmeticEncoder`. */
export function wasmEncoder(): BitEncoder | undefined {
  const module = instance();
  if (!module) return undefined;
  const chunks: Uint8Array[] = [];
  let before = 0;
  module.release(HEAP);
  module.startEncoding();
  const collect = (bytes: Uint8Array): void => {
    chunks.push(bytes);
    before += bytes.length;
  };
  flushed = collect;
  return {
    code: (bit, probability) => module.codeBit(bit, probability),
    fail(code, explanation) {
      throw new Error(`bug: the encoder met ${code}: ${explanation}`);
    },
    walks: walksOf(
      module,
      true,
      () => {},
      () => {
        throw new RangeError('adaptive@1: a matrix that takes more memory than there is');
      },
    ),
    get bits() {
      return module.bits.value >>> 0;
    },
    get size() {
      return before + module.written.value + module.waiting();
    },
    finish() {
      const low = shortestIn((module.lowTop() >>> 0) * 2 ** 32 + (module.lowRest() >>> 0), module.range.value >>> 0);
      module.finish(Math.floor(low / 2 ** 32), low >>> 0);
      collect(new Uint8Array(module.memory.buffer, OUT, module.written.value).slice());
      const bytes = new Uint8Array(before);
      let offset = 0;
      for (const chunk of chunks) {
        bytes.set(chunk, offset);
        offset += chunk.length;
      }
      let size = before;
      // Only the last four: the decoder reads so many past the end and no more.
      for (let i = 0; i < 4 && size > 0 && bytes[size - 1] === 0; i++) size--;
      return bytes.subarray(0, size);
    },
  };
}

function walksOf(module: Exports, encoding: boolean, check: () => void, outOfMemory: () => never): Walks {
  /** Runs a walk in memory that is given back afterwards; it fails only if there is not enough, and then the module is of no more use. */
  const walk = (run: () => void): void => {
    const mark = module.allocate(0);
    try {
      run();
    } catch {
      shared = undefined;
      outOfMemory();
    }
    module.release(mark);
    check();
  };
  const given = <T extends Uint8Array | Uint16Array | Int32Array>(array: T): number => {
    const pointer = module.allocate(array.byteLength);
    const here = new Uint8Array(module.memory.buffer, pointer, array.byteLength);
    here.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return pointer;
  };
  const taken = (array: Uint8Array | Uint16Array | Int32Array, pointer: number): void => {
    const there = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    there.set(new Uint8Array(module.memory.buffer, pointer, array.byteLength));
  };
  const shapeOf = (places: Places, prior: number): number[] => {
    const { lines, columns, lineStride, columnStride, extent, scan } = places;
    const ints = [given(lines), lines.length, given(columns), columns.length];
    return [...ints, lineStride, columnStride, extent, scan.width, scan.block, prior];
  };
  return {
    symbols: (places, prior, mask, indices, negatives, positives) =>
      walk(() => {
        const here = [given(mask), given(indices)] as const;
        module.walkSymbols(...shapeOf(places, prior), ...here, negatives, positives);
        if (encoding) return;
        taken(mask, here[0]);
        taken(indices, here[1]);
      }),
    levels: (places, prior, levels, largest, machines) =>
      walk(() => {
        const here = given(levels);
        module.walkLevels(...shapeOf(places, prior), here, largest, MACHINES.indexOf(machines));
        if (!encoding) taken(levels, here);
      }),
  };
}

import type { Prepared } from './dense/shapes.ts';
import type { KernelExports } from './exports.ts';
import { kernelsWasm } from './kernels.wasm.ts';
import { decoded } from './module-bytes.ts';

/** Where the kernels live and how much they may take. */
export interface KernelsOptions {
  /** A memory that belongs to someone else, such as tfjs's; with it comes `reserve`. Default: one of its own. */
  readonly memory?: WebAssembly.Memory;
  /** Takes so many bytes of `memory` from its owner, on a multiple of 16, and returns the address. */
  readonly reserve?: (bytes: number) => number;
  /** The most that the memory of its own may grow to. Default 4 GiB. */
  readonly maximumBytes?: number;
}

/** Kernels in WebAssembly, and the memory in which they find what they multiply. All addresses and sizes are in bytes. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly exports: KernelExports;
  /** Address of {@link WINDOW_BYTES} bytes that kernels work in, and anyone between two calls; 0 in another's memory: there is none. */
  readonly window: number;
  /**
   * Takes memory that keeps its address until it is released.
   *
   * @param align - a power of two. Default 16, as SIMD wants it
   * @throws RangeError if `maximumBytes` does not suffice, or the engine has no more
   */
  allocate(bytes: number, align?: number): number;
  /** Bytes allocated so far and not released. */
  used(): number;
  /** Now; what is allocated later goes with {@link release}. */
  mark(): Mark;
  /** Gives back all that was allocated since the mark was taken. Memory of its own is used again, and never shrinks. */
  release(mark: Mark): void;
  /** A view of memory. It ends when the memory grows: take it when it is used, and never keep it over an `allocate`. */
  float32(address: number, length: number): Float32Array;
  /** Allocates as much as an array takes, copies it there, and returns the address. */
  place(array: Float32Array | Uint8Array | Uint16Array | Uint32Array | Int32Array): number;
  /**
   * Prepares work that can be cut into parts which know nothing of each other. One thread has one part; several
   * (`startThreads` of `@pare/sparse-kernels/threads`) have one each.
   *
   * @param prepare - makes the part from item `first` to item `end` − 1 with the kernels of its thread; its run gets the addresses
   *   that the whole is given, and scratch memory for itself alone
   */
  inParts(work: Divisible, prepare: (kernels: Kernels, first: number, end: number) => Prepared): Prepared;
}

/** Work that can be cut into parts, as far as one must know it to cut it. */
export interface Divisible {
  /** Items: rows, filters, channels. */
  readonly count: number;
  /** What all of it is estimated to take, in nanoseconds. */
  readonly ns: number;
  /** Parts begin at multiples of it. Default 1. */
  readonly step?: number;
  /** What the items before `end` weigh; rises. Default: all items weigh the same. */
  readonly weightTo?: (end: number) => number;
}

/** Bytes of the window: what an offset of 16 bits reaches. */
export const WINDOW_BYTES = 65536;

/** A moment in the life of an arena. */
export interface Mark {
  readonly block: number;
  readonly used: number;
}

/**
 * Makes kernels with memory of their own, or in another's.
 *
 * @throws RangeError if `memory` comes without `reserve` or the reverse; whatever the engine throws where WebAssembly is not
 *   allowed or SIMD is missing: see {@link kernelsSupported}
 * @example
 * const own = createKernels();
 * const address = own.place(Float32Array.of(1, 2, 3));
 * own.float32(address, 3) // Float32Array [1, 2, 3]
 */
export function createKernels({ memory, reserve, maximumBytes = MOST_BYTES }: KernelsOptions = {}): Kernels {
  if ((memory === undefined) !== (reserve === undefined)) {
    throw new RangeError(
      'createKernels: "memory" and "reserve" expected together: the owner of a memory says where is room',
    );
  }
  if (memory && reserve) return kernelsIn(memory, moduleOnce(), borrowed(reserve), 0);
  return ownKernels(new WebAssembly.Memory({ initial: FIRST_PAGES }), moduleOnce(), maximumBytes);
}

/** Kernels in a memory that nobody else allocates in. */
export const ownKernels = (memory: WebAssembly.Memory, module: WebAssembly.Module, maximumBytes: number): Kernels =>
  kernelsIn(memory, module, grown(memory, maximumBytes), WINDOW);

function kernelsIn(memory: WebAssembly.Memory, module: WebAssembly.Module, arena: Arena, window: number): Kernels {
  const kernels: Kernels = {
    memory,
    exports: new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports,
    window,
    ...arena,
    float32: (address, length) => new Float32Array(memory.buffer, address, length),
    place(array) {
      const address = arena.allocate(array.byteLength);
      new Uint8Array(memory.buffer, address, array.byteLength).set(
        new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
      );
      return address;
    },
    inParts: ({ count }, prepare) => prepare(kernels, 0, count),
  };
  return kernels;
}

/** Whether WebAssembly with SIMD is there and allowed. Where it is not, the plain kernels still work. */
export function kernelsSupported(): boolean {
  try {
    return moduleOnce() !== undefined;
  } catch {
    return false;
  }
}

type Arena = Pick<Kernels, 'allocate' | 'used' | 'mark' | 'release'>;

/** 4 GiB: addresses have 32 bits. */
export const MOST_BYTES: number = 2 ** 32;
export const PAGE = 65536;
/** Of a memory, to begin with: the window, and what is before it. */
export const FIRST_PAGES = 2;
/** As in assembly/window.ts. Address 0 stays free, to mean "none"; and so does its line of the cache. */
const WINDOW = 64;
const FIRST: number = WINDOW + WINDOW_BYTES;
/** Of another's memory: large enough that layers share a block, small enough not to be missed. */
const BLOCK = 1 << 20;

let compiled: WebAssembly.Module | undefined;
function moduleOnce(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(moduleBytes());
  return compiled;
}

/** The module as it was compiled. */
export const moduleBytes = (): Uint8Array<ArrayBuffer> => decoded(kernelsWasm);

/** One block, from the beginning of a memory to wherever it has grown. */
function grown(memory: WebAssembly.Memory, maximumBytes: number): Arena {
  let used = FIRST;
  return {
    allocate(bytes, align = 16) {
      const address = aligned(used, align);
      const end = address + bytes;
      if (!(bytes >= 0 && end <= maximumBytes)) throw wrongSize(bytes, Math.max(0, maximumBytes - used));
      const missing = end - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
      used = end;
      return address;
    },
    used: () => used - FIRST,
    mark: () => ({ block: 0, used }),
    release(mark) {
      used = Math.min(used, mark.used);
    },
  };
}

/** Blocks that were asked for one by one; a released block is filled again before another is asked for. */
function borrowed(reserve: (bytes: number) => number): Arena {
  const blocks: { readonly start: number; readonly end: number }[] = [];
  let block = 0;
  let used = 0; // an address in the block
  return {
    allocate(bytes, align = 16) {
      if (!(bytes >= 0)) throw wrongSize(bytes, MOST_BYTES);
      for (; block < blocks.length; block++, used = blocks[block]?.start ?? 0) {
        const address = aligned(used, align);
        if (address + bytes > blocks[block]!.end) continue;
        used = address + bytes;
        return address;
      }
      const size = Math.max(BLOCK, bytes + align);
      const start = reserve(size);
      blocks.push({ start, end: start + size });
      const address = aligned(start, align);
      used = address + bytes;
      return address;
    },
    used: () =>
      blocks.slice(0, block + 1).reduce((sum, { start, end }, i) => sum + (i === block ? used : end) - start, 0),
    mark: () => ({ block, used }),
    release(mark) {
      block = mark.block;
      used = mark.used || (blocks[block]?.start ?? 0);
    },
  };
}

const aligned = (address: number, align: number): number => Math.ceil(address / align) * align;

const wrongSize = (bytes: number, left: number): RangeError =>
  new RangeError(
    `allocate: "bytes" expected at most the ${left} left of "maximumBytes", and not less than 0, got ${bytes}`,
  );

import { BLOCK, type FeedbackWorkspace } from './feedback-workspace.ts';
import { feedbackWasm } from './feedback-workspace.wasm.ts';
import { notPositiveDefinite } from './inverse-factor.ts';

/**
 * Makes a workspace whose loops run in WebAssembly, in memory of its own: 4 · (groups · D² + D · K) bytes and a little, D and K
 * rounded up.
 *
 * Differs from `plainWorkspace` in the order of sums, and in float32 where that has float64: last bits differ. So levels may, where
 * a number lies halfway; here and there the same input makes the same output.
 *
 * @returns undefined where WebAssembly is not allowed (a content security policy without `wasm-unsafe-eval`) or has no memory left
 */
export function wasmWorkspace(groups: number, columns: number, rows: number): FeedbackWorkspace | undefined {
  const size = roundUp(columns, BLOCK);
  const width = roundUp(rows, LINE);
  const each = 4 * size * size;
  const matrices = MATRICES + groups * each;
  const kernels = instantiate(matrices + 4 * size * width);
  if (!kernels) return undefined;
  const { buffer, inverseFactor, feedBlock, feedColumn } = kernels;
  const addressOf = (group: number): number => MATRICES + group * each;
  const factors = Array.from({ length: groups }, (_, group) => new Float32Array(buffer, addressOf(group), size * size));
  return {
    size,
    width,
    factors,
    w: new Float32Array(buffer, matrices, size * width),
    invert(group) {
      const column = inverseFactor(addressOf(group), size);
      if (column >= 0) throw notPositiveDefinite(factors[group]![column * size + column]!, column);
    },
    feedBlock(group, first) {
      feedBlock(addressOf(group), size, matrices, width, first);
    },
    feedColumn(group, first, j) {
      feedColumn(addressOf(group), size, matrices, width, first, j);
    },
  };
}

/** Where matrices begin in the memory, in bytes; what is before is for copies, as in assembly/index.ts. */
const MATRICES = 0xc000;

/** Numbers in a line of a cache: rows are taken in so many columns at once. */
const LINE = 16;

const PAGE = 65536;
const MOST_PAGES = 65536; // 4 GiB

interface Kernels {
  readonly buffer: ArrayBuffer;
  readonly inverseFactor: (matrix: number, size: number) => number;
  readonly feedBlock: (factor: number, size: number, w: number, width: number, first: number) => void;
  readonly feedColumn: (factor: number, size: number, w: number, width: number, first: number, j: number) => void;
}

/** Undefined before the first use, null where WebAssembly is not allowed. */
let module: WebAssembly.Module | null | undefined;

function instantiate(bytes: number): Kernels | undefined {
  const initial = Math.ceil(bytes / PAGE);
  if (initial > MOST_PAGES || module === null) return undefined;
  try {
    module ??= new WebAssembly.Module(Uint8Array.from(atob(feedbackWasm), (character) => character.charCodeAt(0)));
  } catch {
    module = null;
    return undefined;
  }
  try {
    const memory = new WebAssembly.Memory({ initial });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return { ...(exports as unknown as Omit<Kernels, 'buffer'>), buffer: memory.buffer };
  } catch {
    return undefined; // no memory: JavaScript may still find some
  }
}

const roundUp = (count: number, to: number): number => Math.ceil(count / to) * to;

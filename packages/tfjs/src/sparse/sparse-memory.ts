import { createKernels, type Kernels } from '@pare/sparse-kernels';
import { type WasmBackend, type WasmMemory, wasmMemories } from '../wasm-memory.ts';
import { transposeWasm } from './transpose.wasm.ts';

interface Functions {
  /** y[c, r] = x[r, c]; the rows of y are `step` floats apart. */
  transpose(x: number, rows: number, columns: number, y: number, step: number): void;
}

/** Sparse kernels inside the memory of tfjs's wasm backend: they find tensors where they are. */
export interface SparseMemory extends WasmMemory<Functions> {
  readonly backend: WasmBackend;
  readonly kernels: Kernels;
  /** Gives back all that weights took. */
  free(): void;
}

const memoryOf = /* @__PURE__ */ wasmMemories<Functions>(transposeWasm);

/** Kernels in a backend's memory, or nothing where it cannot be reached: another backend, threads, no SIMD. */
export function openSparseMemory(backend: unknown): SparseMemory | undefined {
  const found = memoryOf(backend);
  if (!found) return undefined;
  const { wasm } = backend as WasmBackend; // memoryOf has looked
  const blocks: number[] = [];
  const kernels = createKernels({
    memory: wasm.asm!.memory as WebAssembly.Memory,
    reserve(bytes) {
      const block = wasm._malloc(bytes + 16) >>> 0; // a signed number from 2 GB on
      if (block === 0) throw new RangeError(`sparsify: no room for ${bytes} bytes of weights in tfjs's memory`);
      blocks.push(block);
      return Math.ceil(block / 16) * 16;
    },
  });
  const empty = kernels.mark();
  return {
    ...found,
    backend: backend as WasmBackend,
    kernels,
    free() {
      kernels.release(empty);
      for (const block of blocks.splice(0)) wasm._free(block);
    },
  };
}

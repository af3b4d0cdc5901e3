import { MissingPartError } from '@pare/core';
import { backend, type DataType, engine, getBackend, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { type WasmBackend, type WasmMemory, wasmMemories } from '../wasm-memory.ts';
import { sparseTrainingWasm } from './sparse-training.wasm.ts';

/** The functions of assembly/sparse-training.ts; arguments and addresses are whole numbers. */
type Kernels = Readonly<Record<KernelName, (...values: number[]) => void>>;
type KernelName =
  | 'rowEntries'
  | 'forward'
  | 'forwardPooled'
  | 'columnEntries'
  | 'inputGradient'
  | 'inputGradientStrided'
  | 'weightGradient'
  | 'pooledWeightGradient'
  | 'rowSums'
  | 'addBias'
  | 'relu'
  | 'reluGradient'
  | 'maxPool'
  | 'maxPoolGradient';

/** tfjs's memory and the kernels that work in it. */
export interface Workspace {
  readonly kernels: Kernels;
  /** Where a tensor's values begin, in bytes. Valid until the tensor is disposed; growth of the memory moves nothing. */
  address(tensor: TensorInfo): number;
  /** A tensor for a kernel to write into. Its values are whatever lay there before. */
  output(shape: readonly number[], dtype?: DataType): TensorInfo;
  /** A second handle on a tensor's memory, to be disposed by itself. */
  share(tensor: TensorInfo): Tensor;
  /** Hands `use` the address of that many bytes, which are free again when it returns. */
  withScratch<T>(size: number, use: (address: number) => T): T;
}

const memoryOf = /* @__PURE__ */ wasmMemories<Kernels>(sparseTrainingWasm);

/**
 * Says whether the kernels can run: tfjs's current backend is wasm, in one thread, with SIMD, its memory is in reach, and they
 * can be compiled (a page's policy may forbid that).
 *
 * If not, the dense operations of tfjs do the same work with masked weights.
 */
export function sparseTrainingAvailable(): boolean {
  return findWorkspace() !== undefined;
}

/** @throws MissingPartError `'no-sparse-training'` */
export function workspace(): Workspace {
  const found = findWorkspace();
  if (found !== undefined) return found;
  throw new MissingPartError(
    'no-sparse-training',
    'tfjs-backend-wasm',
    `sparse training needs the memory of the tfjs backend "wasm" (4.22.0, SIMD, one thread) in a page that may compile wasm; the current backend is "${getBackend()}": call tf.setBackend('wasm') or train with tfjs's dense operations`,
  );
}

function findWorkspace(): Workspace | undefined {
  if (getBackend() !== 'wasm') return undefined;
  const wasmBackend: unknown = backend();
  const memory = memoryOf(wasmBackend);
  return memory && workspaceIn(memory, wasmBackend as WasmBackend); // the foreign border: checked by memoryOf
}

const workspaceIn = (memory: WasmMemory<Kernels>, wasmBackend: WasmBackend): Workspace => ({
  kernels: memory.functions,
  address: memory.addressOf,
  output: (shape, dtype = 'float32') => wasmBackend.makeOutput(shape, dtype),
  share({ dataId, shape, dtype }) {
    wasmBackend.incRef(dataId);
    return engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
  },
  withScratch: (size, use) => memory.withScratch([size], use),
});

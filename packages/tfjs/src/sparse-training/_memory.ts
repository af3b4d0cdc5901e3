import { MissingPartError } from '@pare/core';
import { backend, type DataType, engine, getBackend, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { sparseTrainingWasm } from './sparse-training.wasm.ts';

/** Names that tfjs-backend-wasm 4.22.0 does not document: all that this folder needs of it. */
interface WasmBackend {
  readonly wasm: {
    readonly asm?: { readonly memory?: WebAssembly.Memory };
    readonly HEAPU8?: Uint8Array;
    _malloc(size: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: DataType): TensorInfo;
  incRef(dataId: object): void;
}

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

const workspaces = new WeakMap<object, Workspace | undefined>();

/**
 * Says whether the kernels can run: tfjs's current backend is wasm, in one thread, with SIMD, and its memory is in reach.
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
    `sparse training needs the memory of the tfjs backend "wasm" (4.22.0, SIMD, one thread); the current backend is "${getBackend()}": call tf.setBackend('wasm') or train with tfjs's dense operations`,
  );
}

function findWorkspace(): Workspace | undefined {
  if (getBackend() !== 'wasm') return undefined;
  const wasmBackend = backend() as object;
  if (!workspaces.has(wasmBackend)) workspaces.set(wasmBackend, openWorkspace(wasmBackend));
  return workspaces.get(wasmBackend);
}

function openWorkspace(wasmBackend: object): Workspace | undefined {
  const { wasm, dataIdMap } = wasmBackend as Partial<WasmBackend>; // the foreign border
  const memory = wasm?.asm?.memory;
  // Threads run in shared memory, which a module compiled for unshared memory cannot import.
  if (!(memory?.buffer instanceof ArrayBuffer) || wasm === undefined || dataIdMap === undefined) return undefined;
  const bytes = Uint8Array.from(atob(sparseTrainingWasm), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return undefined; // no SIMD
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return {
    kernels: exports as Kernels,
    address: ({ dataId }) => dataIdMap.get(dataId).memoryOffset,
    output: (shape, dtype = 'float32') => (wasmBackend as WasmBackend).makeOutput(shape, dtype),
    share({ dataId, shape, dtype }) {
      (wasmBackend as WasmBackend).incRef(dataId);
      return engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
    },
    withScratch(size, use) {
      const address = wasm._malloc(Math.max(size, 1)) >>> 0; // >>> 0: an address above 2 GiB comes as a negative number
      if (address === 0) throw new RangeError(`sparse training: no room for ${size} bytes of scratch memory`);
      try {
        return use(address);
      } finally {
        wasm._free(address);
      }
    },
  };
}

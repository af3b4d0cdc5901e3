import type { TensorInfo } from '@tensorflow/tfjs-core';
import { gradientsWasm } from './gradients.wasm.ts';

/**
 * What we use of tfjs's wasm backend 4.22.0. `wasm.asm` is not documented: it may be absent, minified or shared between
 * threads, and then there is no {@link TensorMemory}.
 */
export interface WasmBackend {
  readonly wasm: {
    readonly asm?: Readonly<Record<string, unknown>>;
    readonly tfjs: {
      disposeData(id: number): void;
      registerTensor(id: number, size: number, address: number): void;
    };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly id: number; readonly memoryOffset: number } };
  /** Makes an output that is not cleared. */
  makeOutput(shape: readonly number[], dtype: 'float32'): TensorInfo;
}

/** The functions of `assembly/*.ts`. Addresses are in bytes, everything else counts float32 numbers. */
export interface GradientFunctions {
  gemmScratchBytes(): number;
  gemm(
    ...sizesTablesAndScratch: [
      ...[m: number, n: number, k: number],
      ...[a: number, aRows: number, aColumns: number],
      ...[b: number, bRows: number, bColumns: number],
      ...[c: number, cWidth: number, accumulate: 0 | 1],
      scratch: number,
    ]
  ): void;
  fillGrid(
    table: number,
    ...countsAndSteps: [count0: number, count1: number, count2: number, step0: number, step1: number, step2: number]
  ): void;
  padImages(from: number, to: number, ...sizes: ImageSizes): void;
  cropImages(from: number, to: number, ...sizes: ImageSizes): void;
  addPatches(
    image: number,
    patches: number,
    count: number,
    starts: number,
    ...offsets: [offsets: number, runs: number, runLength: number]
  ): void;
  maxPoolGradient(
    ...addressesAndSizes: [
      ...[x: number, dy: number, dx: number],
      ...[images: number, inHeight: number, inWidth: number, channels: number, outHeight: number, outWidth: number],
      ...[rows: number, columns: number, strideHeight: number, strideWidth: number, top: number, left: number],
    ]
  ): void;
  fillRows(y: number, row: number, rows: number, columns: number): void;
  reluInPlace(y: number, count: number): void;
  columnSums(x: number, sums: number, rows: number, columns: number): void;
  depthwiseFilterGradient(x: number, dy: number, dw: number, ...sizes: DepthwiseSizes): void;
  depthwiseInputGradient(dy: number, w: number, dx: number, ...sizes: DepthwiseSizes): void;
  momentumStep(
    ...addressesAndNumbers: [
      ...[weight: number, velocity: number, gradient: number, mask: number, count: number],
      ...[rate: number, momentum: number, decay: number],
    ]
  ): void;
  adamStep(
    ...addressesAndNumbers: [
      ...[weight: number, first: number, second: number, gradient: number, mask: number, count: number],
      ...[rate: number, beta1: number, beta2: number, correction1: number, correction2: number],
      ...[epsilon: number, decay: number],
    ]
  ): void;
}

/** Of `padImages` and `cropImages`: `rows` of `width` floats inside a frame of others. */
export type ImageSizes = [
  ...[images: number, rows: number, width: number, outerRows: number, outerWidth: number],
  ...[top: number, left: number],
];
type DepthwiseSizes = [
  ...[count: number, group: number, starts: number, taps: number, tapCount: number],
  ...[channels: number, multiplier: number],
];

/** The compiled functions bound to a backend's memory, in which they find its tensors without a copy. */
export interface TensorMemory {
  readonly functions: GradientFunctions;
  /** Where a tensor begins. Stays true as memory grows: only views of the old buffer die. */
  addressOf(tensor: TensorInfo): number;
  /**
   * Runs `use` with addresses of that many bytes each, aligned to 16, and frees them.
   *
   * @throws RangeError if the memory cannot grow that far
   */
  withScratch(bytes: readonly number[], use: (...addresses: number[]) => void): void;
}

const memories = new WeakMap<object, TensorMemory | undefined>();
let compiled: WebAssembly.Module | undefined;

/** The memory of a wasm backend, or nothing where it cannot be reached or the engine knows no SIMD. */
export function tensorMemoryOf(backend: unknown): TensorMemory | undefined {
  const key = backend as WasmBackend;
  if (!memories.has(key)) memories.set(key, bind(key));
  return memories.get(key);
}

function bind(backend: WasmBackend): TensorMemory | undefined {
  const memory = backend.wasm?.asm?.memory;
  if (!(memory instanceof WebAssembly.Memory) || !(memory.buffer instanceof ArrayBuffer)) return undefined;
  let functions: GradientFunctions;
  try {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(gradientsWasm), (char) => char.charCodeAt(0)));
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    functions = exports as unknown as GradientFunctions; // the border of JavaScript and wasm
  } catch {
    return undefined; // no SIMD, or a policy of the page forbids compiling: the composed kernels serve
  }
  const { wasm } = backend;
  return {
    functions,
    addressOf: (tensor) => backend.dataIdMap.get(tensor.dataId).memoryOffset,
    withScratch(bytes, use) {
      const sizes = bytes.map((count) => Math.ceil(count / 16) * 16);
      const total = sizes.reduce((sum, size) => sum + size, 16);
      const block = wasm._malloc(total) >>> 0; // a signed number from 2 GB on
      if (block === 0) throw new RangeError(`wasm gradients: no room for ${total} bytes of scratch memory`);
      let next = Math.ceil(block / 16) * 16;
      const addresses = sizes.map((size) => (next += size) - size);
      try {
        use(...addresses);
      } finally {
        wasm._free(block);
      }
    },
  };
}

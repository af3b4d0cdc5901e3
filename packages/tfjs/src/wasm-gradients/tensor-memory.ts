import { type WasmMemory, wasmMemories } from '../wasm-memory.ts';
import { gradientsWasm } from './gradients.wasm.ts';

/** The functions of `assembly/*.ts`. Addresses are in bytes, everything else counts float32 numbers. */
interface GradientFunctions {
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

/** The gradient kernels in the memory of a wasm backend. */
export type TensorMemory = WasmMemory<GradientFunctions>;

/** The memory of a wasm backend, or nothing where it cannot be reached or the kernels cannot be compiled. */
export const tensorMemoryOf: (backend: unknown) => TensorMemory | undefined =
  /* @__PURE__ */ wasmMemories<GradientFunctions>(gradientsWasm);

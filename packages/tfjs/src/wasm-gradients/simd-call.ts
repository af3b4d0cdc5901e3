import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../wasm-memory.ts';
import type { TensorMemory } from './tensor-memory.ts';

/** A call of a kernel whose inputs are all float32, not empty, and in reach. */
export interface SimdCall {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attributes: NamedAttrMap;
  readonly backend: WasmBackend;
  readonly memory: TensorMemory;
}

/** Gives the output, or nothing for a call it leaves to another kernel. */
export type SimdKernel = (call: SimdCall) => TensorInfo | TensorInfo[] | undefined;

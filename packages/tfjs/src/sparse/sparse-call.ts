import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Bounds } from './bounds.ts';
import type { SparseMemory } from './sparse-memory.ts';

/** A call of one of tfjs's kernels whose weights are sparse. */
export interface SparseCall {
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  readonly attributes: NamedAttrMap;
  readonly bounds: Bounds;
  readonly memory: SparseMemory;
}

/** Weights prepared for calls of one kind. */
export interface SparseLayer {
  /** Name of the kernel, for reports. */
  readonly kernel: string;
  run(call: SparseCall): TensorInfo;
}

/** Bytes that a kernel may read beyond the end of its input. */
export const BEYOND = 64;

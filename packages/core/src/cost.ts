import type { Layer } from './layer.ts';
import type { Shape } from './weight.ts';

/** A layer and what compression made of it: what hardware is asked to do. */
export interface Workload {
  readonly layer: Layer;
  /** Of one example: `[C, H, W]` or `[C]`. */
  readonly inputShape: Shape;
  /** Examples computed together, ≥ 0. */
  readonly batch: number;
  /** Share of the kernel that is not zero, 0 … 1. */
  readonly weightDensity: number;
  readonly weightBits: number;
  /** Share of the input's numbers that are not zero, 0 … 1. */
  readonly inputDensity: number;
  /** Share of the output's numbers that are not zero once the activation function has been applied, 0 … 1. */
  readonly outputDensity: number;
  readonly activationBits: number;
  /** Multiplications of one example with neither operand zero, where masks and activations are known; default: by the densities. */
  readonly effectiveMacs?: number;
  /** The kernel itself, output-major, for hardware that looks at where its zeros are. */
  readonly weights?: Float32Array;
  /** The input of one example, channels first, for hardware that looks at where its zeros are. */
  readonly inputs?: Float32Array;
}

/** For what energy is spent. `'other'` is what no data asks for: clocks, leakage, instructions. */
export type CostData = 'weights' | 'inputs' | 'outputs' | 'computation' | 'other';

/** So many actions of one kind, and their price. */
export interface CostPart {
  /** What the hardware does, as its energy table calls it: `'dram.word'`. */
  readonly action: string;
  readonly data: CostData;
  /** Where it happens, from far to near: `'dram'`, `'buffer'`, `'array'`, `'register'`, `'alu'`. */
  readonly level: string;
  readonly count: number;
  readonly energyPj: number;
}

/** What a workload costs, for its whole batch. Parts sum to `energyPj`. */
export interface Cost {
  readonly energyPj: number;
  readonly latencyUs: number;
  readonly dramBytes: number;
  readonly parts: readonly CostPart[];
  /** What is to be known about these numbers, one sentence each. */
  readonly notes: readonly string[];
}

/** A number that a hardware model rests on. */
export interface HardwareConstant {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Printed by a paper, measured on a machine, fitted to published numbers, or assumed. */
  readonly status: 'published' | 'measured' | 'fitted' | 'assumed';
  readonly source: string;
}

/** Prices workloads. A pure function of them: same work, same cost. */
export interface HardwareModel {
  /** What a command line calls it: `'eyeriss'`. */
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly constants: readonly HardwareConstant[];
  /** Bits of the numbers that it commonly computes with; default 16. */
  readonly bits?: { readonly weights: number; readonly activations: number };
  /** Picojoules of the unit that its own literature counts in, if there is one. */
  readonly unit?: { readonly name: string; readonly picojoules: number };
  /**
   * A layer without a kernel, a batch of none, and a kernel of nothing but zeros cost nothing.
   *
   * @throws RangeError naming the layer if it is impossible
   */
  cost(work: Workload): Cost;
}

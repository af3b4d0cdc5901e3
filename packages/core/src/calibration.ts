import type { Model } from './model.ts';

/** What calibration examples tell about one convolution or dense layer: how its inputs vary, and how much its outputs matter. */
export interface LayerStatistics {
  /**
   * Second moments E[x xᵀ] of the inputs of one output, over examples and positions: `[groups, D, D]`, D = (C / groups)·R·S in
   * the order of a kernel's row, or C of a dense layer.
   */
  readonly inputSecondMoment: Float32Array;
  /** E[x], `[groups, D]`. */
  readonly inputMean: Float32Array;
  /**
   * Worth of each output, `[K]`: g_k = Σ_positions E[(∂ℓ/∂y_k)²], ℓ = −log p(label) with the label drawn from the network's own
   * answers: the Fisher information. A change Δw_k of a row then moves the answers by about ½·g_k·Δw_kᵀ E[x xᵀ] Δw_k nats.
   */
  readonly outputFisher: Float32Array;
  /**
   * Second moments E[x̄ x̄ᵀ] of each example's mean input x̄ over the positions looked at, `[groups, D, D]`. Absent where an example has one
   * position, as in a dense layer: then these are the second moments themselves.
   */
  readonly exampleMoment?: Float32Array;
  /**
   * E[(Σ_positions ∂ℓ/∂y_k)²], `[K]`: what an error that is the same at all positions matters. Above `outputFisher` where
   * gradients of positions agree; absent without it.
   */
  readonly outputCoherence?: Float32Array;
  /** E[x_r xᵀ], `[groups, D, D]`: row i, column j is reference input i times input j; only where a `reference` was asked for. */
  readonly crossMoment?: Float32Array;
}

/** How the answers of a changed network compare with those of the one it came from, on the same examples. */
export interface Drift {
  /** Mean Kullback–Leibler divergence of its answers from the original's, in nats. */
  readonly divergence: number;
  /** Share of examples with the same first answer, 0 … 1. */
  readonly agreement: number;
  /** Points of top-1 accuracy lost against the original, 0.01 = one point; absent without labels. */
  readonly drop?: number;
  /** Number of examples. */
  readonly count: number;
}

export interface StatisticsOptions {
  /** Kernels wanted, by name; default all. */
  readonly kernels?: readonly string[];
  /** Whether the Fisher information is wanted, which takes gradients; default true. Without: `outputFisher` is all ones. */
  readonly fisher?: boolean;
  /**
   * A network of the same layers, commonly the original: `crossMoment` is then measured between the inputs that its layers get and
   * those of the network asked about.
   */
  readonly reference?: Model;
  readonly signal?: AbortSignal;
  /** Called with the share done, 0 … 1. */
  readonly onProgress?: (done: number) => void;
}

/**
 * What a compressor may learn from examples. A part of them is held back: `statistics` uses the others, `judge` the held-back
 * part, on which choices are made.
 */
export interface Calibration {
  statistics(model: Model, options?: StatisticsOptions): Promise<ReadonlyMap<string, LayerStatistics>>;
  /** Compares a changed network with the one that the calibration was made for. */
  judge(model: Model): Promise<Drift>;
}

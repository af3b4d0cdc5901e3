import type { Model } from './model.ts';
import type { StageContext } from './stage.ts';

/** How long and how to train. Trainers document what they do with each field; more can be added by declaration merging. */
export interface TrainBudget {
  /** Passes over the training examples. */
  readonly epochs: number;
  /** Examples a step; default 64. */
  readonly batchSize?: number;
  /** Step size at the start; default 0.001 for Adam, 0.01 for momentum. */
  readonly learningRate?: number;
  /** How the step size falls to its end: not, along half a cosine to a hundredth, or in a straight line to a hundredth. Default cosine. */
  readonly schedule?: 'constant' | 'cosine' | 'linear';
  /** Default `'adam'`. */
  readonly optimizer?: 'adam' | 'momentum';
  /** Strength of the L2 penalty ½·λ·|w|² on kernels, in the gradient; default 0. */
  readonly weightDecay?: number;
  /** Share of the loss that follows the teacher's softened answers instead of the labels, 0 … 1; default 0. Needs a teacher. */
  readonly distill?: number;
  /** Softness T of the answers that `distill` compares: softmax(logits / T); default 3. */
  readonly temperature?: number;
  /**
   * Whether the result is what was best on held-back examples after any epoch, or before the first, instead of what came last: the
   * least divergence from the teacher where `distill` follows one, otherwise the least error, and of those the least loss; default false.
   */
  readonly keepBest?: boolean;
  /** With `keepBest`: ends after so many epochs that were not better; default never. */
  readonly patience?: number;
  /** Whether examples are randomly distorted: anew in each epoch, or from so many distorted copies (faster with a teacher); default false. */
  readonly augment?: boolean | number;
  /** How strongly, ≥ 0: 1 is what the trainer takes for usual, 0.5 half of it; default 1. */
  readonly distortion?: number;
  /** Drop-out rate of the *inputs* of layers by name, for the dense net; adjusted to pruned connections (Han et al. 2015, eq. 2). */
  readonly dropout?: Readonly<Record<string, number>>;
}

export interface Metrics {
  /** Share of examples answered wrongly, 0 … 1. */
  readonly error: number;
  /** Mean cross entropy, in nats. */
  readonly loss: number;
  /** Number of examples. */
  readonly count: number;
}

/** What can make a network better and judge it. `evaluate` judges on held-back examples, never on those that judge in the end. */
export interface Trainer {
  retrain(model: Model, budget: TrainBudget, context: StageContext): Promise<Model>;
  evaluate(model: Model): Promise<Metrics>;
  /**
   * Estimates the diagonal of the Fisher information, by weight's name: how much each number matters to the answers, per
   * squared change of it. 0 where a number is pruned.
   */
  fisher?(model: Model, context: StageContext): Promise<ReadonlyMap<string, Float32Array>>;
}

import { type Model, type Parametrization, parametrizationOf } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { type LogitsOptions, logits } from './network.ts';
import { isSparselyTrained, trainedNetwork } from './trained-network.ts';

/** A model as tensors of tfjs, to be asked and not to be trained. */
export interface FixedNetwork {
  /** @param input - `[N, C, H, W]` */
  logits(input: tf.Tensor4D, options?: LogitsOptions): tf.Tensor2D;
  dispose(): void;
}

/** Puts a model's weights into tensors. Differs from `trainedNetwork` in that nothing is kept for an optimiser. */
export function fixedNetwork({ layers, weights }: Model, forms: readonly Parametrization[]): FixedNetwork {
  const tensors = new Map(
    weights.map(({ name, shape, form }) => [name, tf.tensor(parametrizationOf(form, forms).toDense(form), [...shape])]),
  );
  return {
    logits: (input, options) => logits(layers, (name) => tensors.get(name)!, input, options),
    dispose: () => tf.dispose([...tensors.values()]),
  };
}

/** The same for answers alone, through the kept weights only where that is faster. */
export function askedNetwork(
  model: Model,
  forms: readonly Parametrization[],
): Pick<FixedNetwork, 'dispose'> & {
  logits(input: tf.Tensor4D): tf.Tensor2D;
} {
  if (isSparselyTrained(model)) return trainedNetwork(model, forms);
  const network = fixedNetwork(model, forms);
  return { ...network, logits: (input) => network.logits(input, { differentiable: false }) };
}

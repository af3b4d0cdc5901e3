import type { Layer, Model } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { type AnswersOptions, batchSizeOf, turn } from './answers.ts';
import { batches, checkExamples, type Examples, inputBatch } from './examples.ts';
import { fixedNetwork } from './fixed-network.ts';
import { builtinForms } from './forms.ts';
import { needsOf, preprocessOf } from './network-inputs.ts';

/** Shares of the numbers that are not zero, over all examples, of what a layer takes and of what comes of its output. */
export interface ActivationDensity {
  readonly inputs: number;
  /** Behind the ReLU, where nothing but a ReLU takes the output. */
  readonly outputs: number;
}

/**
 * Measures how many numbers are zero before and behind each convolution and dense layer, on the current backend of tfjs: what hardware
 * that skips zeros lives on.
 *
 * @returns by name of layer
 * @throws RangeError if the examples are not what the network takes, or `batchSize` is no count
 * @example
 * // const { conv2 } = await activationDensities(model, { pixels, count: 64, shape: [1, 28, 28] })
 */
export async function activationDensities(
  model: Model,
  examples: Examples,
  options: AnswersOptions = {},
): Promise<Readonly<Record<string, ActivationDensity>>> {
  const { parametrizations = [], signal, onProgress } = options;
  checkExamples(examples, 'activationDensities', { ...needsOf(model), unlabelled: true });
  const batchSize = batchSizeOf(options, examples, 'activationDensities');
  const wanted = new Set(model.layers.filter(({ kind }) => kind === 'conv2d' || kind === 'dense'));
  const behind = outputsOf(model.layers, wanted);
  const [taken, given] = [new Map<Layer, Tally>(), new Map<Layer, Tally>()];
  const before = (layer: Layer, x: tf.Tensor): tf.Tensor => {
    if (wanted.has(layer)) tally(taken, layer, x);
    return x;
  };
  const after = (layer: Layer, y: tf.Tensor): tf.Tensor => {
    const source = behind.get(layer);
    if (source) tally(given, source, y);
    return y;
  };
  const network = fixedNetwork(model, [...builtinForms, ...parametrizations]);
  try {
    let done = 0;
    for (const chosen of batches(examples.count, batchSize)) {
      await turn(signal);
      tf.tidy(() => {
        network.logits(inputBatch(examples, chosen, preprocessOf(model)), { before, after });
      });
      done += chosen.length;
      onProgress?.(done / examples.count);
    }
  } finally {
    network.dispose();
  }
  const share = ({ kept, count }: Tally = { kept: 0, count: 1 }) => kept / count;
  return Object.fromEntries(
    [...wanted].map((layer) => [layer.name, { inputs: share(taken.get(layer)), outputs: share(given.get(layer)) }]),
  );
}

interface Tally {
  kept: number;
  count: number;
}

function tally(into: Map<Layer, Tally>, layer: Layer, x: tf.Tensor): void {
  const before = into.get(layer) ?? { kept: 0, count: 0 };
  const kept = tf.tidy(() => tf.sum(tf.cast(tf.notEqual(x, 0), 'int32')).dataSync()[0]!);
  into.set(layer, { kept: before.kept + kept, count: before.count + x.size });
}

/** The layer whose output is looked at for each wanted one: its ReLU if it alone takes what that gives, else itself. */
function outputsOf(layers: readonly Layer[], wanted: ReadonlySet<Layer>): ReadonlyMap<Layer, Layer> {
  const found = new Map<Layer, Layer>();
  for (const layer of wanted) {
    const readers = layers.filter(({ inputs }) => inputs.includes(layer.name));
    const [relu] = readers;
    found.set(readers.length === 1 && relu!.kind === 'relu' ? relu! : layer, layer);
  }
  return found;
}

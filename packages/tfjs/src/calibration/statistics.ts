import type {
  Conv2dLayer,
  DenseLayer,
  Layer,
  LayerStatistics,
  Model,
  Parametrization,
  Random,
  StatisticsOptions,
} from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { turn } from '../answers.ts';
import { type Examples, inputBatch } from '../examples.ts';
import { type FixedNetwork, fixedNetwork } from '../fixed-network.ts';
import { preprocessOf } from '../network-inputs.ts';
import { type InputMoments, inputMoments } from './input-moments.ts';
import { addSquaredGradients, type SquaredGradients } from './output-fisher.ts';
import { type Patches, patchesOf } from './patches.ts';

export interface MeasureOptions extends StatisticsOptions {
  readonly random: Random;
  /** Outputs of a convolution looked at in each example. */
  readonly positions: number;
  /** The first so many examples are used for the Fisher information. */
  readonly fisherExamples: number;
  /** Examples computed at once; for gradients a quarter. */
  readonly batchSize: number;
  readonly forms: readonly Parametrization[];
}

// Gradients keep every layer's output, some dozen times what a layer at a time takes: 150 MB an example in SqueezeNet v1.0.
const GRADIENT_SHARE = 4;

type KernelLayer = Conv2dLayer | DenseLayer;

/**
 * Measures what examples tell about a network's convolutions and dense layers, by kernel's name.
 *
 * Chance belongs to an example and a layer: neither the size of the batches nor which kernels are asked for changes a number by
 * more than rounding.
 *
 * @throws RangeError if a kernel is unknown, or the reference lacks a layer
 */
export async function measure(
  model: Model,
  examples: Examples,
  options: MeasureOptions,
): Promise<ReadonlyMap<string, LayerStatistics>> {
  const { fisher = true, reference, signal, onProgress, batchSize, forms, fisherExamples } = options;
  const layers = wantedLayers(model, options.kernels, reference);
  if (layers.size === 0) return new Map(); // and no gradient, as nothing would lead to one
  const fisherCount = fisher ? Math.min(fisherExamples, examples.count) : 0;
  const moments = new Map<string, InputMoments>();
  const squares: SquaredGradients = new Map();
  const network = fixedNetwork(model, forms);
  const original = reference && fixedNetwork(reference, forms);
  try {
    for (let start = 0; start < examples.count; ) {
      await turn(signal);
      const isFisher = start < fisherCount;
      const atOnce = isFisher ? Math.ceil(batchSize / GRADIENT_SHARE) : batchSize;
      const end = Math.min(start + atOnce, isFisher ? fisherCount : examples.count);
      const chosen = Uint32Array.from({ length: end - start }, (_, i) => start + i);
      const randoms = Array.from(chosen, (example) => options.random.fork(example));
      const patches = (seen: (layer: KernelLayer, patches: Patches) => void) => looking(layers, options, randoms, seen);
      const input = inputBatch(examples, chosen, preprocessOf(model));
      const others = new Map<string, Patches>();
      if (original)
        look(
          original,
          input,
          patches((layer, seen) => void others.set(layer.name, seen)),
        );
      const see = patches((layer, seen) => {
        const kept = moments.get(layer.kernel) ?? inputMoments(seen);
        moments.set(layer.kernel, kept);
        kept.add(seen, others.get(layer.name));
      });
      if (isFisher) {
        const answer = (after: Hook): tf.Tensor2D => network.logits(input, { before: see, after });
        const chances = randoms.map((random) => random.fork('label'));
        addSquaredGradients(answer, new Set<Layer>(layers.values()), chances, squares);
      } else look(network, input, see);
      input.dispose();
      start = end;
      onProgress?.(start / examples.count);
    }
    const worth = (layer: KernelLayer): Pick<LayerStatistics, 'outputFisher' | 'outputCoherence'> => {
      const outputs = layer.kind === 'dense' ? layer.units : layer.filters;
      if (!fisher) return { outputFisher: new Float32Array(outputs).fill(1) };
      // One kernel may serve several layers.
      const sharing = [...layers.values()].filter(({ kernel }) => kernel === layer.kernel);
      const total = (which: 'fisher' | 'coherence'): Float32Array =>
        Float32Array.from({ length: outputs }, (_, k) =>
          sharing.reduce((sum, { name }) => sum + (squares.get(name)?.[which][k] ?? 0) / fisherCount, 0),
        );
      return { outputFisher: total('fisher'), outputCoherence: total('coherence') };
    };
    return new Map(
      [...layers.values()].map((layer) => [layer.kernel, { ...moments.get(layer.kernel)!.take(), ...worth(layer) }]),
    );
  } finally {
    network.dispose();
    original?.dispose();
    for (const kept of moments.values()) kept.dispose();
  }
}

type Hook = (layer: Layer, x: tf.Tensor) => tf.Tensor;

/** Sees what the wanted layers are given, and changes nothing. */
const looking =
  (
    layers: ReadonlyMap<string, KernelLayer>,
    { positions }: MeasureOptions,
    randoms: readonly Random[],
    see: (layer: KernelLayer, patches: Patches) => void,
  ): Hook =>
  ({ name }, x) => {
    const layer = layers.get(name);
    if (layer)
      see(
        layer,
        patchesOf(
          layer,
          x,
          positions,
          randoms.map((random) => random.fork(name)),
        ),
      );
    return x;
  };

function look(network: FixedNetwork, input: tf.Tensor4D, before: Hook): void {
  tf.tidy(() => {
    network.logits(input, { before, differentiable: false });
  });
}

/** The layers whose kernels are wanted, by name. */
function wantedLayers(
  model: Model,
  kernels: readonly string[] | undefined,
  reference: Model | undefined,
): ReadonlyMap<string, KernelLayer> {
  const all = model.layers.filter((layer): layer is KernelLayer => layer.kind === 'conv2d' || layer.kind === 'dense');
  const known = new Set(all.map(({ kernel }) => kernel));
  const unknown = kernels?.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `statistics: "kernels" expected names of ${[...known].join(', ') || 'none'}, got "${unknown}"`,
    );
  }
  const wanted = all.filter(({ kernel }) => !kernels || kernels.includes(kernel));
  for (const { name, outputShape } of reference ? wanted : []) {
    const same = reference!.layers.find((layer) => layer.name === name);
    if (same?.outputShape.join() === outputShape.join()) continue;
    throw new RangeError(
      `statistics: "reference" expected a layer "${name}" with outputs [${outputShape.join(', ')}], got ${same ? `[${same.outputShape.join(', ')}]` : 'none'}`,
    );
  }
  return new Map(wanted.map((layer) => [layer.name, layer]));
}

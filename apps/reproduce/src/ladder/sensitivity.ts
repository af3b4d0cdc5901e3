import { elementCount, type Model } from '@pare/core';
import type { NetworkName } from '../data/networks.ts';
import { affineNetwork } from './affine.ts';
import type { RowContext, Sensitivity } from './row.ts';

/** Held-back images that each trial is asked about: they show what a layer bears, not what a file is worth. */
const IMAGES = 28;
const BITS = [3, 4, 5, 6];

/** Makes each kernel alone affine integers of few bits, and measures how far the answers move. Some minutes. */
export async function sensitivityOf(context: RowContext, name: NetworkName): Promise<readonly Sensitivity[]> {
  const model = await context.network(name);
  const coarse = new Map(BITS.map((bits) => [bits, affineNetwork(model, bits).model]));
  const kernels = model.weights.filter(({ shape }) => shape.length > 1 && elementCount(shape) > 0);
  const curves: Sensitivity[] = [];
  for (const [i, { name: weight }] of kernels.entries()) {
    const points: { bits: number; divergence: number }[] = [];
    for (const bits of BITS) {
      context.report(`what ${weight} bears, ${bits} bits`, (i + 0.25 * points.length) / kernels.length);
      const { divergence } = await context.tryOut(withOne(model, coarse.get(bits)!, weight), name, IMAGES);
      points.push({ bits, divergence: Number(divergence.toPrecision(4)) });
    }
    curves.push({ weight, points });
  }
  return curves;
}

/** A network with one weight from another. */
const withOne = (model: Model, other: Model, name: string): Model => ({
  ...model,
  weights: model.weights.map((weight, i) => (weight.name === name ? other.weights[i]! : weight)),
});

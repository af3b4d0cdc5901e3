import { chain, kernels, type Model, parameterCount, repeat, retrain } from '@pare/core';
import { encodeModel } from '@pare/format';
import { magnitudePrune } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { keepAfter } from '../../budget.ts';
import type { NetworkName } from '../../data/networks.ts';
import type { Mode } from '../../recipe.ts';
import { distilling } from '../distil.ts';
import { histogramsOf } from '../histograms.ts';
import { pareFile } from '../pare-file.ts';
import { pointOf } from '../point.ts';
import { SQUEEZENET_DENSITIES } from '../published.ts';
import { defineRow, type Point, type Row } from '../row.ts';

/**
 * Rounds of pruning; epochs after each, after the last, and of the shared values. An epoch takes about two minutes of a core with v1.0:
 * `full` stops after seven, while the divergence on held-back images still falls with each.
 */
const LENGTH: Readonly<Record<Mode, { rounds: number; between: number; after: number; shared: number }>> = {
  smoke: { rounds: 2, between: 1, after: 1, shared: 1 },
  quick: { rounds: 2, between: 1, after: 2, shared: 1 },
  full: { rounds: 4, between: 1, after: 2, shared: 1 },
};

/** All weights move while pruning heals; the shared values, which are few, move less. */
const healing = { batchSize: 16, distill: 1, temperature: 1, augment: true, learningRate: 1e-4 } as const;

/**
 * The paper's pipeline on a dense network: pruned by magnitude to the densities of table 1 in rounds, retrained, 64 shared values a
 * layer, fine-tuned, Huffman codes. It retrains by distillation on 560 images, where the paper had labels and 1.2 million.
 */
const faithful = (prefix: string, title: string, against: NetworkName): Row =>
  defineRow({
    id: `${prefix}-faithful`,
    title: `${title}, the paper's pipeline in 6 bits`,
    architecture: title,
    group: 'ours',
    runs: 'full',
    against,
    async run(context) {
      const { mode } = context;
      const { rounds, between, after, shared } = LENGTH[mode];
      const dense = await context.network(against);
      const densities = Object.fromEntries(
        Object.entries(SQUEEZENET_DENSITIES).filter(([name]) => dense.weights.some((weight) => weight.name === name)),
      );
      const distil = await distilling(context, against);
      const points: Point[] = [];
      const measured = async (model: Model, method: string): Promise<Model> => {
        points.push(pointOf(method, bytesOf(model), await context.tryOut(model, against)));
        return model;
      };

      const prune = repeat(rounds, (round) =>
        chain(
          magnitudePrune({ keep: { byName: keepAfter(densities, round, rounds) } }),
          retrain({ ...healing, epochs: between, schedule: 'constant' }),
        ),
      );
      const pruned = await measured(
        await distil(dense, [prune, retrain({ ...healing, epochs: after, keepBest: true })], 'pruning'),
        'faithful: pruned',
      );
      const sharing = shareWeights({ bits: 6, init: 'linear', weights: kernels });
      const clustered = await measured(await distil(pruned, [sharing], 'sharing'), 'faithful: 6 bits');
      const tuning = retrain({ ...healing, epochs: shared, keepBest: true });
      const tuned = await measured(await distil(clustered, [tuning], 'fine-tuning'), 'faithful: 6 bits, fine-tuned');

      const file = encodeModel(tuned, { coding: 'huffman' });
      return pareFile(
        file,
        "densities of the paper's table 1, 6 bits, Huffman codes; retrained on 560 images instead of 1.2 million",
        {
          stages: [
            { stage: 'float32', bytes: 4 * parameterCount(dense) },
            { stage: 'pruned, float32 where kept', bytes: bytesOf(pruned) },
            { stage: '64 shared values a layer, Huffman codes', bytes: file.length },
          ],
          points,
          histograms: histogramsOf(pruned, clustered, tuned),
        },
      );
    },
  });

/** Of the file with nothing but Huffman codes. */
const bytesOf = (model: Model): number => encodeModel(model, { coding: 'huffman' }).length;

export const faithfulRows: readonly Row[] = [
  faithful('squeezenet', 'SqueezeNet v1.0', 'squeezenet-1.0'),
  faithful('squeezenet-1.1', 'SqueezeNet v1.1', 'squeezenet-1.1'),
];

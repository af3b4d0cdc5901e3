import { kernels, type Model, retrain, run, type Shared, type Stage } from '@pare/core';
import { encodeModel } from '@pare/format';
import { shareWeights } from '@pare/quantization';
import { createTrainer, randomCrops, type TrainState } from '@pare/tfjs';
import { centreCrops } from '../../data/crops.ts';
import { pareFile } from '../pare-file.ts';
import { TABLE_2 } from '../published.ts';
import { defineRow, type Histogram, type Point, type RowContext } from '../row.ts';

const AGAINST = 'squeezenet-released';

/**
 * The file that was never released: the authors' pruned network with 64 shared values a layer instead of 256, the shared values
 * fine-tuned by distillation from what it was, Huffman codes. Of the epochs, the network with the least divergence on held-back
 * images is kept.
 */
export default defineRow({
  id: 'released-6-bit',
  title: 'SqueezeNet v1.0, released, in 6 bits + Huffman',
  architecture: 'SqueezeNet v1.0',
  group: 'published',
  published: TABLE_2.squeezenet6,
  runs: 'full',
  against: AGAINST,
  bounds: [
    { what: 'bytes', atMost: 400_000 },
    { what: 'top-1 drop', atMost: 0.015, goal: 0.005 },
    { what: 'top-5 drop', atMost: 0.015, goal: 0.005 },
  ],
  async run(context) {
    const { network, mode, random, signal, kept } = context;
    const released = await network(AGAINST);
    const { set, fifth } = await context.pictures();
    const side = Math.min(...set.images.flatMap(({ width, height }) => [width, height]));
    const trainer = createTrainer({
      train: centreCrops(set, side, fifth.calibration),
      validation: await context.heldBack(released),
      teacher: released,
      augmentation: randomCrops,
      random,
      store: { read: () => kept.read<TrainState>(), write: kept.write },
    });
    const points: Point[] = [];
    const step = async (model: Model, stage: Stage, method: string): Promise<Model> => {
      const done = await run(model, [stage], {
        random: random.fork(method),
        trainer,
        signal,
        onProgress: ({ epoch, epochs, fraction, divergence }) =>
          context.report(
            [method, epoch && `epoch ${epoch} of ${epochs}`, divergence && `KL ${divergence.toFixed(3)}`]
              .filter(Boolean)
              .join(', '),
            fraction,
          ),
      });
      points.push(await pointOf(context, done, `6 bits, ${method}`));
      return done;
    };
    const clustered = await step(released, shareWeights({ bits: 6, weights: kernels, method: 'optimal' }), 'clustered');
    const tuned = await step(clustered, retrain(LEARNING[mode]), 'fine-tuned');

    const file = encodeModel(tuned, { coding: 'huffman' });
    const smallest = mode === 'smoke' ? file.length : encodeModel(tuned).length;
    const from = `KL on held-back images ${points[0]!.divergence.toFixed(3)} → ${points.at(-1)!.divergence.toFixed(3)} nats`;
    return pareFile(
      file,
      `64 shared values a layer, fine-tuned by distillation on ${fifth.calibration.length} images: ${from}; in our adaptive coding ${smallest.toLocaleString('en-US')} B`,
      {
        stages: [
          {
            stage: 'released: pruned, 8-bit codes, Huffman codes',
            bytes: encodeModel(released, { coding: 'huffman' }).length,
          },
          { stage: '6-bit codes, Huffman codes (this row)', bytes: file.length },
          { stage: 'our adaptive coding, same weights', bytes: smallest },
        ],
        points,
        histograms: histogramsOf(released, clustered, tuned),
      },
    );
  },
});

/** Few images call for small steps and a watch on those held back: the best epoch is kept, the first state included. */
const learning = (epochs: number) =>
  ({
    epochs,
    batchSize: 16,
    distill: 1,
    temperature: 1,
    learningRate: 2e-4,
    augment: true,
    keepBest: true,
    patience: 3,
  }) as const;
const LEARNING = { smoke: learning(1), quick: learning(3), full: learning(8) } as const;

async function pointOf({ tryOut }: RowContext, model: Model, method: string): Promise<Point> {
  const { count, accuracy, agreement, divergence } = await tryOut(model, AGAINST);
  const bytes = encodeModel(model, { coding: 'huffman' }).length;
  return { method, bytes, count, top1: accuracy?.top1 ?? null, agreement, divergence };
}

/** How many cells a histogram has. */
const CELLS = 64;

/** Of the kernels as released, with the values they share once clustered and at the end. */
function histogramsOf(released: Model, clustered: Model, tuned: Model): Histogram[] {
  return clustered.weights.flatMap(({ name, form }, i) => {
    const before = released.weights[i]!.form;
    if (form.kind !== 'shared' || before.kind !== 'shared') return [];
    const after = (tuned.weights[i]!.form as Shared).codebook; // fine-tuning keeps forms as they are
    const { codebook, indices, mask } = before;
    let [low, high] = [Infinity, -Infinity];
    indices.forEach((entry, at) => {
      if (!mask[at]) return;
      low = Math.min(low, codebook[entry]!);
      high = Math.max(high, codebook[entry]!);
    });
    const counts = new Array<number>(CELLS).fill(0);
    let zeros = 0;
    indices.forEach((entry, at) => {
      if (!mask[at]) zeros++;
      else counts[Math.min(CELLS - 1, Math.floor(((codebook[entry]! - low) / (high - low || 1)) * CELLS))]!++;
    });
    const short = (values: Float32Array): number[] => Array.from(values, (value) => Number(value.toPrecision(4)));
    return [{ weight: name, low, high, counts, zeros, centroids: short(form.codebook), tuned: short(after) }];
  });
}

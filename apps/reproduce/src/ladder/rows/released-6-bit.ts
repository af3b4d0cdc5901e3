import { kernels, type Model, retrain } from '@pare/core';
import { encodeModel } from '@pare/format';
import { shareWeights } from '@pare/quantization';
import { distilling } from '../distil.ts';
import { histogramsOf } from '../histograms.ts';
import { pareFile } from '../pare-file.ts';
import { TABLE_2 } from '../published.ts';
import { defineRow, type Point, type RowContext } from '../row.ts';

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
    const { network, mode } = context;
    const released = await network(AGAINST);
    const { fifth } = await context.pictures();
    const distil = await distilling(context, AGAINST);
    const sharing = shareWeights({ bits: 6, weights: kernels, method: 'optimal' });
    const clustered = await distil(released, [sharing], 'sharing');
    const tuned = await distil(clustered, [retrain(LEARNING[mode])], 'fine-tuning');
    const points = [
      await pointOf(context, clustered, '6 bits, clustered'),
      await pointOf(context, tuned, '6 bits, fine-tuned'),
    ];

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

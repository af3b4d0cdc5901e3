import { compressModel } from '@pare/compress';
import { type Model, retrain } from '@pare/core';
import { decodeModel, encodeModel } from '@pare/format';
import { learnFromImages } from '../calibrated.ts';
import { distilling } from '../distil.ts';
import { fingerprint } from '../fingerprint.ts';
import { histogramsOf } from '../histograms.ts';
import { pareFile } from '../pare-file.ts';
import { pointOf } from '../point.ts';
import { TABLE_2 } from '../published.ts';
import { defineRow, type RowContext } from '../row.ts';

const AGAINST = 'squeezenet-released';

/** Six bits. */
const VALUES = 64;

/** With so few values to a layer more bytes hardly help. */
const TARGET = 345_000;

/**
 * The file that was never released: the authors' pruned network with at most 64 shared values a layer instead of 256, Huffman codes.
 *
 * Where the paper clusters and retrains, we choose multiples of a step for each layer with error feedback, by what images tell: what
 * was pruned stays pruned. Fine-tuning of the shared values by distillation, the best epoch on held-back images, is at hand and left
 * out of runs on real networks: see `EPOCHS`.
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
    const { network, mode, signal, report, shared, tryOut } = context;
    const released = await network(AGAINST);
    const { calibration } = await learnFromImages(context, AGAINST);
    const exact = encodeModel(released, { coding: 'huffman' }).length;
    const targetSize = mode === 'smoke' ? Math.round(0.8 * exact) : TARGET;
    const stepped = await shared('released-6-bit-levels', fingerprint(released), async () => {
      const onProgress = ({ phase, done }: { phase: string; done: number }): void => report(phase, 0.2 + 0.3 * done);
      return (
        await compressModel(released, {
          calibration,
          targetSize,
          levels: VALUES,
          coding: 'huffman',
          signal,
          onProgress,
        })
      ).bytes;
    });
    const sixBits = decodeModel(stepped);
    const tuned = EPOCHS[mode] > 0 ? await fineTuned(context, sixBits, EPOCHS[mode]) : sixBits;
    const file = await fileOf(tuned, sixBits);

    const final = decodeModel(file);
    const untuned = encodeModel(sixBits, { coding: 'huffman' }).length;
    const points = [pointOf('released, 6 bits', untuned, await tryOut(sixBits, AGAINST))];
    if (EPOCHS[mode] > 0) {
      points.push(pointOf('released, 6 bits, fine-tuned', file.length, await tryOut(final, AGAINST)));
    }
    const smallest = mode === 'smoke' ? file.length : encodeModel(final).length;
    const kl = points.map(({ divergence }) => divergence.toFixed(4)).join(' → ');
    return pareFile(
      file,
      `at most 64 values a layer beside zero, by what images tell${EPOCHS[mode] > 0 ? ', fine-tuned by distillation' : ''}: KL on held-back images ${kl} nats; in our adaptive coding ${smallest.toLocaleString('en-US')} B`,
      {
        stages: [
          { stage: 'released: pruned, 8-bit codes, Huffman codes', bytes: exact },
          { stage: '6-bit codes, Huffman codes (this row)', bytes: file.length },
          { stage: 'our adaptive coding, same weights', bytes: smallest },
        ],
        points,
        histograms: histogramsOf(released, sixBits, tuned),
      },
    );
  },
});

const fineTuned = async (context: RowContext, model: Model, epochs: number): Promise<Model> =>
  (await distilling(context, AGAINST))(model, [retrain(learning(epochs))], 'fine-tuning');

/** Shared values that have moved are kept in eleven significant bits, as biases are. */
async function fileOf(tuned: Model, before: Model): Promise<Uint8Array> {
  if (fingerprint(tuned) === fingerprint(before)) return encodeModel(before, { coding: 'huffman' });
  return (await compressModel(tuned, { coding: 'huffman', codebooks: 'float16', biases: 'float16' })).bytes;
}

/** Few images call for small steps and a watch on those held back: the best epoch is kept, the first state included. An epoch takes minutes. */
const learning = (epochs: number) =>
  ({
    epochs,
    batchSize: 16,
    distill: 1,
    temperature: 1,
    learningRate: 1e-4,
    augment: true,
    keepBest: true,
  }) as const;
/** Of fine-tuning: none but in smoke runs, which show that it works. On so few images it fits them, and hardly moves answers to others. */
const EPOCHS = { smoke: 1, quick: 0, full: 0 } as const;

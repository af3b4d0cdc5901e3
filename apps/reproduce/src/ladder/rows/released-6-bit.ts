import { kernels, type Model, retrain, run, type Shared, type Stage } from '@pare/core';
import { encodeModel } from '@pare/format';
import { shareWeights } from '@pare/quantization';
import { createTrainer } from '@pare/tfjs';
import type { Crops } from '../../data/crops.ts';
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
    const { network, mode } = context;
    const released = await network(AGAINST);
    const trainer = createTrainer({
      train: labelled(await context.calibration(released)),
      validation: labelled(await context.heldBack(released)),
      teacher: released,
      random: context.random,
    });
    const step = (model: Model, stages: readonly Stage[], label: string): Promise<Model> =>
      run(model, stages, {
        random: context.random.fork(label),
        trainer,
        signal: context.signal,
        onProgress: ({ stage, epoch, fraction }) =>
          context.report(`${label}, ${stage}${epoch === undefined ? '' : ` ${epoch}`}`, fraction),
      });

    let state = context.kept.read<State>() ?? (await begin());
    const learning = { epochs: 1, batchSize: 16, distill: 1, schedule: 'constant', augment: mode !== 'smoke' } as const;
    for (const [epoch, learningRate] of RATES[mode].entries()) {
      if (epoch < state.epochs) continue;
      const current = await step(state.current, [retrain({ ...learning, learningRate })], `fine-tuning ${epoch + 1}`);
      const point = await pointOf(context, current, '6 bits, fine-tuned');
      const best = point.divergence < state.best.point.divergence ? { model: current, point } : state.best;
      state = { ...state, epochs: epoch + 1, current, best, points: [...state.points, point] };
      context.kept.write(state);
    }
    const { clustered, best, points } = state;

    async function begin(): Promise<State> {
      const clustered = await step(
        released,
        [shareWeights({ bits: 6, weights: kernels, method: 'optimal' })],
        'clustering',
      );
      const point = await pointOf(context, clustered, '6 bits, clustered');
      return { epochs: 0, clustered, current: clustered, best: { model: clustered, point }, points: [point] };
    }

    const file = encodeModel(best.model, { coding: 'huffman' });
    const smallest = mode === 'smoke' ? file.length : encodeModel(best.model).length;
    const from = `KL on held-back images ${points[0]!.divergence.toFixed(3)} → ${best.point.divergence.toFixed(3)} nats`;
    return pareFile(
      file,
      `64 shared values a layer, fine-tuned by distillation on 560 images: ${from}; in our adaptive coding ${smallest.toLocaleString('en-US')} B`,
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
        histograms: histogramsOf(released, clustered, best.model),
      },
    );
  },
});

/** How far the fine-tuning is. */
interface State {
  readonly epochs: number;
  readonly clustered: Model;
  readonly current: Model;
  readonly best: { readonly model: Model; readonly point: Point };
  readonly points: readonly Point[];
}

/** Distillation looks at no labels, but the trainer wants some: drawn pictures, which have none, are all of the first class. */
const labelled = (crops: Crops): Crops => ({ ...crops, labels: crops.labels ?? new Uint16Array(crops.count) });

/** Step sizes of the epochs, falling: few images call for few and small steps. */
const RATES = { smoke: [1e-4], quick: [3e-4, 1e-4, 3e-5], full: [3e-4, 1e-4, 1e-4, 3e-5] } as const;

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

import { type Model, run, type Stage } from '@pare/core';
import { createTrainer, randomCrops, type TrainState } from '@pare/tfjs';
import { centreCrops } from '../data/crops.ts';
import type { NetworkName } from '../data/networks.ts';
import type { RowContext } from './row.ts';

/** Where work on a network stands: after `step` single stages. */
interface Standing {
  readonly step: number;
  readonly model: Model;
}

/** Runs stages that retrain, one after the other; see `distilling`. */
export type Distil = (model: Model, stages: readonly Stage[], label: string) => Promise<Model>;

/**
 * Makes what runs stages over a network, retraining it to answer as `teacher` does on pieces of the calibration pictures, which are cut
 * out and mirrored at random; the held-back fifth decides. Each finished stage and epoch is kept, to be gone on from.
 */
export async function distilling(context: RowContext, teacher: NetworkName): Promise<Distil> {
  const { random, signal, kept, report } = context;
  const original = await context.network(teacher);
  const { set, fifth } = await context.pictures();
  const side = Math.min(...set.images.flatMap(({ width, height }) => [width, height]));
  const { read, write } = kept('training');
  const trainer = createTrainer({
    train: centreCrops(set, side, fifth.calibration),
    validation: await context.heldBack(original),
    teacher: original,
    augmentation: randomCrops,
    random,
    store: { read: () => read<TrainState>(), write },
  });
  return (model, stages, label) => {
    const standing = kept(label);
    const begun = standing.read<Standing>() ?? { step: 0, model };
    return run(begun.model, stages, {
      random: random.fork(label),
      trainer,
      signal,
      from: begun.step,
      onProgress: ({ stage, epoch, epochs, fraction, divergence }) => {
        const words = [
          `${label}: ${stage}`,
          epoch && `epoch ${epoch} of ${epochs}`,
          divergence && `KL ${divergence.toFixed(3)}`,
        ];
        report(words.filter(Boolean).join(', '), fraction);
      },
      onStage: (index, _stage, now) => standing.write({ step: index + 1, model: now } satisfies Standing),
    });
  };
}

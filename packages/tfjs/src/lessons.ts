import type { Model, Parametrization, Random, TrainBudget } from '@pare/core';
import { answersOf } from './answers.ts';
import type { Augmentation } from './augmentation.ts';
import type { Examples } from './examples.ts';
import { needsOf } from './network-inputs.ts';

/** Examples to learn from, and what the teacher says to them. */
export interface Lesson {
  readonly examples: Examples;
  /** The teacher's logits, `[count, classes]`. */
  answers(signal?: AbortSignal): Promise<Float32Array>;
}

/**
 * What an epoch is taught from: the examples as they are, one of several augmented copies, or fresh ones. The teacher is asked
 * once for each copy, which is then used again and again.
 */
export function teachingMaterial(
  fitted: (shape: string) => Examples,
  train: Examples,
  teacher: Model | undefined,
  forms: readonly Parametrization[],
  random: Random,
  augmentation: Augmentation,
) {
  const lesson = (examples: Examples): Lesson => {
    let answers: Float32Array | undefined;
    return {
      examples,
      async answers(signal) {
        return (answers ??= await answersOf(teacher!, examples, { parametrizations: forms, signal }));
      },
    };
  };
  const plain = remembered((shape: string) => lesson(fitted(shape)));
  const copies = new Map<string, Lesson>();
  return (model: Model, { augment = false, distortion = 1 }: TrainBudget, epoch: Random): Lesson => {
    const shape = needsOf(model).shape ?? train.shape;
    if (augment === false || augment === 0) return plain(shape.join());
    const changed = (chance: Random): Lesson => lesson(augmentation(train, chance, distortion, shape));
    if (augment === true) return changed(epoch.fork('distortion'));
    const which = `copy ${epoch.fork('copy').integer(augment)} of strength ${distortion}`;
    const key = `${which}, [${shape}]`;
    const copy = copies.get(key) ?? changed(random.fork(which));
    copies.set(key, copy);
    return copy;
  };
}

/** Computes once for each argument. */
export function remembered<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key));
    return known.get(key)!;
  };
}

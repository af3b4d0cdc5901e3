import type { Model, TrainBudget } from '@pare/core';
import type { Examples } from './examples.ts';
import { TEMPERATURE } from './train-epoch.ts';

/** What a trainer has to train with. */
interface Means {
  readonly train: Examples;
  readonly validation: Examples;
  readonly teacher?: Model;
}

/** @throws RangeError naming what is out of range, or lacks labels or a teacher */
export function checkBudget(budget: TrainBudget, { teacher, train, validation }: Means): void {
  const { epochs, batchSize = 64, learningRate = 1, distill = 0, augment = false, distortion = 1 } = budget;
  const { weightDecay = 0, optimizer = 'adam', schedule = 'cosine', dropout = {} } = budget;
  const { temperature = TEMPERATURE, patience = 1 } = budget;
  const whole = (name: string, value: number, least: number): void => {
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(`retrain: "${name}" expected a whole number of at least ${least}, got ${value}`);
    }
  };
  const within = (name: string, value: number, holds: boolean, expected: string): void => {
    if (!holds) throw new RangeError(`retrain: "${name}" expected ${expected}, got ${value}`);
  };
  const oneOf = (name: string, value: string, known: readonly string[]): void => {
    if (!known.includes(value)) {
      throw new RangeError(`retrain: "${name}" expected one of ${known.join(', ')}, got "${value}"`);
    }
  };
  whole('epochs', epochs, 0);
  whole('batchSize', batchSize, 1);
  if (typeof augment === 'number') whole('augment', augment, 0);
  whole('patience', patience, 1);
  within('temperature', temperature, temperature > 0 && Number.isFinite(temperature), '> 0');
  within('learningRate', learningRate, learningRate > 0 && Number.isFinite(learningRate), '> 0');
  within('distortion', distortion, distortion >= 0 && Number.isFinite(distortion), '≥ 0');
  within('weightDecay', weightDecay, weightDecay >= 0 && Number.isFinite(weightDecay), '≥ 0');
  within('distill', distill, distill >= 0 && distill <= 1, '0 … 1');
  for (const [layer, rate] of Object.entries(dropout)) {
    within(`dropout.${layer}`, rate, rate >= 0 && rate < 1, '0 ≤ rate < 1');
  }
  oneOf('optimizer', optimizer, ['adam', 'momentum']);
  oneOf('schedule', schedule, ['constant', 'cosine', 'linear']);
  if (distill > 0 && !teacher) {
    throw new RangeError('retrain: "distill" needs a teacher: createTrainer({ teacher: theDenseModel, … })');
  }
  if (distill < 1 && !train.labels)
    throw new RangeError(`retrain: without labels "distill" expected 1, got ${distill}`);
  if (distill === 0 && !validation.labels)
    throw new RangeError('retrain: "validation" expected labels, or "distill" > 0');
}

import { MissingPartError, type StageContext, type Trainer } from '@pare/core';

/**
 * The context's trainer, for stages that cannot do without.
 *
 * @throws MissingPartError naming the stage if there is none
 */
export function neededTrainer({ trainer }: StageContext, stage: string): Trainer {
  if (trainer) return trainer;
  throw new MissingPartError('no-trainer', 'trainer', `${stage} needs a trainer: run(model, stages, { trainer })`);
}

import { type Form, type Model, mapWeights, type Random, type Trainer } from '@pare/core';
import { denseValues } from './forms.ts';

/**
 * Makes a trainer without examples: it moves every free number a little, by chance, and leaves the forms what they are
 * (a masked weight masked, a shared weight shared). Its error grows with the distance from a first model, so that
 * what judges models has something to judge. For testing stages that train.
 *
 * @param step - standard deviation of the moves; default 0.05
 */
export function restlessTrainer(step = 0.05): Trainer {
  let first: Model | undefined;
  return {
    retrain(model, _budget, { random }) {
      return Promise.resolve(
        mapWeights(model, ({ weight }) => ({ ...weight, form: moved(weight.form, random.fork(weight.name), step) })),
      );
    },
    evaluate(model) {
      first ??= model;
      const distance = meanSquare(model, first);
      return Promise.resolve({ error: 1 - Math.exp(-distance), loss: distance, count: 100 });
    },
  };
}

function moved(form: Form, random: Random, step: number): Form {
  const nudge = (value: number) => value + step * random.normal();
  if (form.kind === 'dense') return { ...form, values: form.values.map(nudge) };
  if (form.kind === 'masked') {
    return { ...form, values: form.values.map((value, i) => (form.mask[i] === 1 ? nudge(value) : 0)) };
  }
  return form.kind === 'shared' ? { ...form, codebook: form.codebook.map(nudge) } : form;
}

function meanSquare(model: Model, from: Model): number {
  let sum = 0;
  let count = 0;
  model.weights.forEach(({ form }, which) => {
    const before = denseValues(from.weights[which]!.form);
    denseValues(form).forEach((value, i) => {
      sum += (value - before[i]!) ** 2;
      count++;
    });
  });
  return count === 0 ? 0 : sum / count;
}

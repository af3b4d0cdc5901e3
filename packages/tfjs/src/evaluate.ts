import type { Metrics, Model, Parametrization } from '@pare/core';
import { answersAtOnce } from './answers.ts';
import { checkExamples, type Examples } from './examples.ts';
import { needsOf } from './network-inputs.ts';

/**
 * Judges a model on examples.
 *
 * @param parametrizations - for forms beyond dense, masked and shared
 * @returns share of wrong answers 0 … 1, mean cross entropy in nats
 * @throws RangeError if the examples are not what the model takes, or an answer is not finite
 * @example
 * // const { error } = evaluate(decodeModel(bytes), test)
 */
export function evaluate(model: Model, examples: Examples, parametrizations: readonly Parametrization[] = []): Metrics {
  checkExamples(examples, 'evaluate', needsOf(model));
  return metricsOf(answersAtOnce(model, examples, { parametrizations }), examples);
}

/** How well logits `[count, classes]` answer labelled examples. */
export function metricsOf(answers: Float32Array, examples: Examples): Metrics {
  const classes = answers.length / examples.count;
  let wrong = 0;
  let loss = 0;
  for (let n = 0; n < examples.count; n++) {
    const row = answers.subarray(n * classes, (n + 1) * classes);
    if (!row.every(Number.isFinite)) {
      throw new RangeError(`evaluate: the network's answers to example ${n} are not finite: [${row.join(', ')}]`);
    }
    const label = examples.labels![n]!;
    const top = row.reduce((best, value, k) => (value > row[best]! ? k : best), 0);
    if (top !== label) wrong++;
    loss += Math.log(row.reduce((sum, value) => sum + Math.exp(value - row[top]!), 0)) + row[top]! - row[label]!;
  }
  return { error: wrong / examples.count, loss: loss / examples.count, count: examples.count };
}

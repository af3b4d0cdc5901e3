import type { Drift } from '@pare/core';

/**
 * Compares two networks' answers to the same examples.
 *
 * divergence = mean over examples of Σ_k p_k · log(p_k / q_k), p = softmax(original), q = softmax(changed).
 *
 * @param original - logits, `[count, classes]`
 * @param changed - logits, `[count, classes]`
 * @param labels - `[count]`; with them `drop` is told
 * @throws RangeError if lengths disagree, or the changed network gave something that is no number
 * @example
 * compareAnswers(Float32Array.of(0, 0), Float32Array.of(0, 1), 2).agreement // 0
 */
export function compareAnswers(
  original: Float32Array,
  changed: Float32Array,
  classes: number,
  labels?: ArrayLike<number>,
): Drift {
  if (changed.length !== original.length || original.length % classes) {
    throw new RangeError(
      `compareAnswers: "changed" expected ${original.length} numbers, whole rows of ${classes}, got ${changed.length}`,
    );
  }
  const count = original.length / classes;
  let [divergence, agreeing, lost] = [0, 0, 0];
  for (let n = 0; n < count; n++) {
    const before = original.subarray(n * classes, (n + 1) * classes);
    const after = changed.subarray(n * classes, (n + 1) * classes);
    const [p, q] = [logSoftmax(before), logSoftmax(after)];
    const example = p.reduce((sum, logP, k) => sum + Math.exp(logP) * (logP - q[k]!), 0);
    if (!Number.isFinite(example)) throw new RangeError(`compareAnswers: the answers to example ${n} are not finite`);
    divergence += Math.max(0, example); // rounding aside it is never less
    const [first, now] = [largestOf(before), largestOf(after)];
    if (first === now) agreeing++;
    if (labels) lost += Number(first === labels[n]) - Number(now === labels[n]);
  }
  const over = Math.max(1, count);
  return {
    divergence: divergence / over,
    agreement: agreeing / over,
    ...(labels && { drop: lost / over }),
    count,
  };
}

function logSoftmax(row: Float32Array): Float64Array {
  const largest = row.reduce((a, b) => Math.max(a, b));
  const logSum = Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return Float64Array.from(row, (value) => value - largest - logSum);
}

const largestOf = (row: Float32Array): number => row.reduce((best, value, k) => (value > row[best]! ? k : best), 0);

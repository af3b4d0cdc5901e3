import type { Random } from '@pare/core';
import { type Examples, PIXELS } from './examples.ts';

/**
 * Holds back part of the training set to choose by, so that nothing is ever chosen by looking at the test set.
 *
 * With `random`, each label gives its share (largest remainders, ties to the smaller label), drawn at random; without,
 * the last `count` examples are held back, and both parts are views of the same memory. Both parts keep their order.
 *
 * @param count - how many to hold back, 1 … train.count − 1
 * @throws RangeError if `count` is not such a number
 * @example
 * holdBack(mnist.train).train.count // 55000
 */
export function holdBack(
  train: Examples,
  count = 5000,
  random?: Random,
): { readonly train: Examples; readonly validation: Examples } {
  if (!Number.isInteger(count) || count < 1 || count >= train.count) {
    throw new RangeError(`holdBack: "count" expected a whole number 1 … ${train.count - 1}, got ${count}`);
  }
  if (random) {
    const held = drawByLabel(train.labels, count, random);
    return { train: pick(train, held, 0), validation: pick(train, held, 1) };
  }
  const border = train.count - count;
  return { train: slice(train, 0, border), validation: slice(train, border, train.count) };
}

/** One byte per example, 1 = held back. */
function drawByLabel(labels: Uint8Array, count: number, random: Random): Uint8Array {
  const members = new Map<number, number[]>();
  for (const [index, label] of labels.entries()) {
    const group = members.get(label);
    if (group) group.push(index);
    else members.set(label, [index]);
  }
  const groups = [...members]
    .sort(([a], [b]) => a - b)
    .map(([label, indices]) => {
      // share = whole + remainder / labels.length, in whole numbers so that ties are ties
      const exact = indices.length * count;
      const whole = Math.floor(exact / labels.length);
      return { label, indices, quota: whole, remainder: exact - whole * labels.length };
    });
  let missing = count - groups.reduce((sum, group) => sum + group.quota, 0);
  for (const group of [...groups].sort((a, b) => b.remainder - a.remainder || a.label - b.label)) {
    if (missing-- > 0) group.quota++;
  }
  const held = new Uint8Array(labels.length);
  for (const { label, indices, quota } of groups) {
    for (const index of random.fork(label).shuffle(indices).slice(0, quota)) held[index] = 1;
  }
  return held;
}

function pick({ pixels, labels, shape }: Examples, held: Uint8Array, wanted: 0 | 1): Examples {
  const indices = [...labels.keys()].filter((index) => held[index] === wanted);
  const picked = new Uint8Array(indices.length * PIXELS);
  for (const [to, from] of indices.entries()) {
    picked.set(pixels.subarray(from * PIXELS, (from + 1) * PIXELS), to * PIXELS);
  }
  return { pixels: picked, labels: Uint8Array.from(indices, (index) => labels[index]!), count: indices.length, shape };
}

function slice({ pixels, labels, shape }: Examples, from: number, to: number): Examples {
  return {
    pixels: pixels.subarray(from * PIXELS, to * PIXELS),
    labels: labels.subarray(from, to),
    count: to - from,
    shape,
  };
}

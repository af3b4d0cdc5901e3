import { seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { type Examples, PIXELS } from './examples.ts';
import { holdBack } from './split.ts';

/** Picture i is filled with i. */
const examples = (labels: readonly number[]): Examples => ({
  pixels: Uint8Array.from({ length: labels.length * PIXELS }, (_, i) => Math.floor(i / PIXELS)),
  labels: Uint8Array.from(labels),
  count: labels.length,
  shape: [1, 28, 28],
});
const numbers = ({ pixels, count }: Examples): number[] => Array.from({ length: count }, (_, i) => pixels[i * PIXELS]!);
const uneven = examples(Array.from({ length: 100 }, (_, i) => (i % 10 < 7 ? 3 : i % 10 < 9 ? 1 : 8))); // 70, 20, 10

test('without chance, the last examples are held back', () => {
  const { train, validation } = holdBack(uneven, 30);
  expect(numbers(train)).toEqual([...Array(70).keys()]);
  expect(numbers(validation)).toEqual(Array.from({ length: 30 }, (_, i) => 70 + i));
  expect(train.pixels.buffer).toBe(uneven.pixels.buffer);
});

test('with chance, each label gives its share', () => {
  const { validation } = holdBack(uneven, 10, seededRandom(1));
  expect([...validation.labels].sort()).toEqual([1, 1, 3, 3, 3, 3, 3, 3, 3, 8]);
});

test('a share that is no whole number goes to the largest remainder, ties to the smaller label', () => {
  // 5 of 4 + 4 + 2: shares 2, 2, 1; 3 of them: 1.2, 1.2, 0.6 → 1, 1, 1; 1 of them: 0.4, 0.4, 0.2 → 1, 0, 0
  const ten = examples([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
  const held = (count: number) => [...holdBack(ten, count, seededRandom(1)).validation.labels];
  expect(held(5)).toEqual([0, 0, 1, 1, 2]);
  expect(held(3)).toEqual([0, 1, 2]);
  expect(held(1)).toEqual([0]);
});

test('both parts together are the whole, in order, label beside picture', () => {
  for (const random of [undefined, seededRandom(7)]) {
    const { train, validation } = holdBack(uneven, 33, random);
    expect([train.count, validation.count]).toEqual([67, 33]);
    expect([...numbers(train), ...numbers(validation)].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
    for (const part of [train, validation]) {
      expect(numbers(part)).toEqual(numbers(part).sort((a, b) => a - b));
      expect([...part.labels]).toEqual(numbers(part).map((number) => uneven.labels[number]));
      expect(part.pixels).toHaveLength(part.count * PIXELS);
    }
  }
});

test('the same seed holds back the same, another seed others', () => {
  const held = (seed: number) => numbers(holdBack(uneven, 20, seededRandom(seed)).validation);
  expect(held(1)).toEqual(held(1));
  expect(held(1)).not.toEqual(held(2));
});

test('refuses to hold back nothing, everything, or more', () => {
  for (const count of [0, 100, 5000, -1, 1.5]) expect(() => holdBack(uneven, count)).toThrow('"count" expected');
});

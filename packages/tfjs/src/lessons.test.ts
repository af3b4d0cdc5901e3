import { initialize, sequence } from '@pare/architectures';
import { seededRandom } from '@pare/core';
import { beforeAll, expect, test } from 'vitest';
import type { Augmentation } from './augmentation.ts';
import { startWasm } from './backend.ts';
import type { Examples } from './examples.ts';
import { builtinForms } from './forms.ts';
import { teachingMaterial } from './lessons.ts';

beforeAll(startWasm);

const teacher = initialize(
  sequence(
    [1, 2, 2],
    [
      { kind: 'flatten', name: 'flatten' },
      { kind: 'dense', name: 'ip', units: 3 },
    ],
  ),
  seededRandom(1),
);
const train: Examples = { pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), count: 2, shape: [1, 2, 2] };

/** Lessons, and how often examples were made anew for them. */
function lessons() {
  let augmented = 0;
  const noise: Augmentation = (examples, random) => {
    augmented++;
    return { ...examples, pixels: examples.pixels.map(() => random.integer(256)) };
  };
  const lesson = teachingMaterial(() => train, train, teacher, builtinForms, seededRandom(2), noise);
  const epoch = (n: number, augment: number | boolean) => lesson(teacher, { epochs: 9, augment }, seededRandom(n));
  return { epoch, augmented: () => augmented };
}

test('without augmentation every epoch has the same lesson, to which the teacher answers once', async () => {
  const { epoch } = lessons();
  expect(epoch(1, false).examples).toBe(train);
  const first = await epoch(1, false).answers();
  expect(first).toHaveLength(2 * 3);
  expect(await epoch(2, false).answers()).toBe(first);
});

test('of so many copies each is made once and answered once', async () => {
  const { epoch, augmented } = lessons();
  const epochs = Array.from({ length: 20 }, (_, n) => epoch(n, 3));
  expect(augmented()).toBe(3);
  expect(new Set(epochs).size).toBe(3);
  const [one] = epochs;
  expect(await one!.answers()).toBe(await one!.answers());
});

test('fresh examples are made for each epoch', () => {
  const { epoch, augmented } = lessons();
  expect(epoch(1, true).examples.pixels).not.toEqual(epoch(2, true).examples.pixels);
  expect(augmented()).toBe(2);
});

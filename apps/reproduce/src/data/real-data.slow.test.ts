import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parameterCount, seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { centreCrops } from './crops.ts';
import { BESIDE, findDataFolder, missingIn } from './data-folder.ts';
import { holdBackFifth } from './fifth.ts';
import { IMAGE_SETS, loadImages } from './image-set.ts';
import { loadMnist } from './mnist.ts';
import { MNIST_FILES } from './mnist-files.ts';
import { loadNetwork, NETWORKS } from './networks.ts';

// Real networks and photographs, if the data folder is there.

const folder = findDataFolder();
const lists = Object.values(IMAGE_SETS).flatMap(({ labels, sums }) => [labels, sums]);
const there = folder !== undefined && missingIn(folder, [...Object.values(NETWORKS), ...lists]).length === 0;
if (!there) console.warn('skipped: no real networks and images; set PARE_DATA to the data folder');

test.runIf(there)('networks are whole', async () => {
  const counts = await Promise.all(
    (['squeezenet-1.0', 'squeezenet-1.1', 'squeezenet-released'] as const).map(async (name) => {
      const model = await loadNetwork(folder!, name);
      return [parameterCount(model), model.layers[0]?.outputShape[1] === NETWORKS[name].side];
    }),
  );
  expect(counts).toEqual([
    [1_248_424, true],
    [1_235_496, true],
    [1_248_424, true],
  ]);
});

test.runIf(there)('images are 700 of 1,000 classes, large enough to cut an input out of', async () => {
  const shares: number[] = [];
  const set = await loadImages(folder!, 'imagenet-sample', { onProgress: (done) => shares.push(done) });
  expect([set.images.length, set.labels?.length, set.titles[0], set.labels?.at(-1)]).toEqual([700, 700, 'tench', 996]);
  expect(set.images.every(({ width, height }) => Math.min(width, height) === 256)).toBe(true);
  const { heldBack } = holdBackFifth(set.labels!, seededRandom(1));
  expect(centreCrops(set, 227, heldBack).pixels.length).toBe(140 * 3 * 227 * 227);
  expect([shares[0], shares.every((share, i) => share <= (shares[i + 1] ?? 1))]).toEqual([0, true]);
});

test.runIf(existsSync(join(BESIDE, 'mnist', 'train-images-idx3-ubyte.gz')))('MNIST is the original', async () => {
  const mnist = await loadMnist({ env: {}, offline: true });
  expect(mnist).toMatchObject({ source: 'real', train: { count: 60_000 }, test: { count: 10_000 } });
  expect(mnist.sha256).toEqual(Object.fromEntries(MNIST_FILES.map(({ name, sha256 }) => [name, sha256])));
  expect([...mnist.train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  expect([...mnist.test.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  let sum = 0;
  for (const pixel of mnist.train.pixels) sum += pixel;
  expect(sum / mnist.train.pixels.length).toBeCloseTo(33.3184, 4);
});

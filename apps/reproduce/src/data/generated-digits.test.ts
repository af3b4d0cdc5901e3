import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { PIXELS } from './examples.ts';
import { generateDigits } from './generated-digits.ts';
import { formatIdx } from './idx.ts';

const small = generateDigits({ train: 500, test: 100, seed: 1 });
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('draws as many pictures of 28 × 28 as asked, with their labels', () => {
  expect(small).toMatchObject({ source: 'generated', note: 'generated digits, not MNIST; seed 1' });
  expect(small.train).toMatchObject({ count: 500, shape: [1, 28, 28] });
  expect(small.train.pixels).toHaveLength(500 * PIXELS);
  expect(small.test.labels).toHaveLength(100);
});

test('the bytes of seed 1 do not change', () => {
  expect(small.sha256).toEqual({
    'train-images-idx3-ubyte': 'ddd8e4c3ae234216065e365e21c8441e003bed45357a71bc920bf66da0c31efb',
    'train-labels-idx1-ubyte': 'f00c0e9336101939127a552ac3e616294cd6b3a0da2d9ec2c2968727b621b580',
    't10k-images-idx3-ubyte': 'a6e62f29d6318697903198f50afebc4790b4888677d1356493dc313cb544ac1e',
    't10k-labels-idx1-ubyte': '0cbface57bd5fb5bbf84329b101ced46a99f75298f3ebc9cc5df44aa3e2c954c',
  });
});

test('the hashes are those of the idx files', () => {
  const { pixels, labels } = small.test;
  expect(small.sha256['t10k-images-idx3-ubyte']).toBe(sha256(formatIdx({ shape: [100, 28, 28], values: pixels })));
  expect(small.sha256['t10k-labels-idx1-ubyte']).toBe(sha256(formatIdx({ shape: [100], values: labels })));
});

test('a larger set begins with the smaller one, another seed does not', () => {
  const { train } = generateDigits({ train: 20, test: 0 });
  expect(train.pixels).toEqual(small.train.pixels.subarray(0, 20 * PIXELS));
  expect(generateDigits({ train: 20, test: 0, seed: 2 }).train.pixels).not.toEqual(train.pixels);
});

test('training and test digits are different digits', () => {
  expect(small.test.pixels.subarray(0, PIXELS)).not.toEqual(small.train.pixels.subarray(0, PIXELS));
});

test('ink covers about as much as in MNIST, whose mean is 33', () => {
  const mean = small.train.pixels.reduce((sum, pixel) => sum + pixel, 0) / small.train.pixels.length;
  expect(mean).toBeGreaterThan(28);
  expect(mean).toBeLessThan(36);
});

test('each picture holds ink, and hardly any touches the edge', () => {
  let touching = 0;
  for (let i = 0; i < small.train.count; i++) {
    const picture = small.train.pixels.subarray(i * PIXELS, (i + 1) * PIXELS);
    expect(Math.max(...picture)).toBeGreaterThan(150);
    const edge = Array.from({ length: 28 }, (_, k) => [
      picture[k],
      picture[27 * 28 + k],
      picture[28 * k],
      picture[28 * k + 27],
    ]);
    if (edge.flat().some((pixel) => pixel !== 0)) touching++;
  }
  expect(touching).toBeLessThanOrEqual(10); // 4 in 1000 of a large set; in 500 that is 2 ± 1.4
});

test('every digit occurs, none far more often than another', () => {
  const counts = new Array<number>(10).fill(0);
  for (const label of small.train.labels) counts[label]!++;
  expect(Math.min(...counts)).toBeGreaterThan(25); // 50 ± 25: binomial, σ = √(500 · 0.1 · 0.9) = 6.7
  expect(Math.max(...counts)).toBeLessThan(75);
});

test('can be told apart, but not trivially: nearest neighbour is right on most, not on all', () => {
  const { train, test: unseen } = generateDigits({ train: 300, test: 100, seed: 3 });
  let right = 0;
  for (let i = 0; i < unseen.count; i++) {
    let [best, nearest] = [Infinity, 0];
    for (let j = 0; j < train.count; j++) {
      let distance = 0;
      for (let p = 0; p < PIXELS && distance < best; p++) {
        distance += (unseen.pixels[i * PIXELS + p]! - train.pixels[j * PIXELS + p]!) ** 2;
      }
      if (distance < best) [best, nearest] = [distance, j];
    }
    if (train.labels[nearest] === unseen.labels[i]) right++;
  }
  // 0.73 on 2000 digits, with 12 training sets of 300; on 100 digits 0.73 ± 3 σ, σ = √(0.73 · 0.27 / 100 + 0.014²) = 0.047.
  expect(right / unseen.count).toBeGreaterThan(0.59);
  expect(right / unseen.count).toBeLessThan(0.87);
});

test('refuses counts that are none', () => {
  expect(() => generateDigits({ train: -1, test: 0 })).toThrow('generateDigits: "train" expected a whole number ≥ 0');
  expect(() => generateDigits({ train: 0, test: 0.5 })).toThrow('"test" expected');
  expect(() => generateDigits({ train: 0, test: 0, seed: -1 })).toThrow(RangeError);
});

import { describe, expect, test } from 'vitest';
import { convolution, fullyConnected } from '../../test/layers.ts';
import { eie } from './model.ts';

const us = (work: Parameters<ReturnType<typeof eie>['cost']>[0]) => eie().cost(work).latencyUs;

// One product of one column was simulated for all: at a density of 0.5 the whole layer cost nothing, at 0.7 as much as at 1.
test.each([
  ['one channel', convolution('conv', [1, 16, 16], { filters: 8 })],
  ['depthwise', convolution('conv', [32, 16, 16], { filters: 32, groups: 32, kernelSize: 3, padding: 1 })],
  ['three channels', convolution('conv', [3, 16, 16], { filters: 8, kernelSize: 3 })],
])('%s: a convolution whose products have few columns takes less time with fewer inputs, and some', (_, work) => {
  const all = us(work);
  const weights = new Float32Array(work.layer.kind === 'conv2d' ? work.layer.filters * 27 : 0).fill(1);
  for (const known of [false, true]) {
    const times = [0.1, 0.3, 0.5, 0.7, 1].map((inputDensity) =>
      us({ ...work, inputDensity, ...(known && { weights: weights.subarray(0, kernelSizeOf(work)) }) }),
    );
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]!).toBeGreaterThan(0);
    expect(times[2]! / all).toBeGreaterThan(0.35);
    expect(times[2]! / all).toBeLessThan(0.8); // six cycles of each product are the pipeline's
    expect(times[4]!).toBeCloseTo(all, 9);
  }
});

function kernelSizeOf({ layer, inputShape }: ReturnType<typeof convolution>): number {
  if (layer.kind !== 'conv2d') return 0;
  return layer.filters * (inputShape[0]! / layer.groups) * layer.kernelSize[0] * layer.kernelSize[1];
}

test('a way to count energy that there is not is refused', () => {
  const settings = JSON.parse('{ "energy": "time" }') as Parameters<typeof eie>[0];
  expect(() => eie(settings)).toThrow(/eie: "energy" expected power or activity, got "time"/);
});

describe('where the zeros are', () => {
  const columns = 128;
  const weights = Float32Array.from({ length: 64 * columns }, (_, i) => (i % 5 === 0 ? 1 : 0));

  test('known inputs of a dense layer are taken for what they are', () => {
    const at = (active: number) => {
      const inputs = Float32Array.from({ length: columns }, (_, i) => (i < active ? 1 : 0));
      return us(fullyConnected('fc', columns, 64, { weights, inputs, weightDensity: 0.2, inputDensity: 0.5 }));
    };
    expect(at(0)).toBe(0); // this one example asks for nothing
    expect(at(64)).toBeGreaterThan(at(32));
  });

  test('groups are products of their own', () => {
    const one = convolution('conv', [16, 8, 8], { filters: 32, kernelSize: 3 });
    const two = convolution('conv', [32, 8, 8], { filters: 64, kernelSize: 3, groups: 2 });
    const kernel = Float32Array.from({ length: 64 * 16 * 9 }, (_, i) => ((i * 7) % 3 ? 0 : 1));
    const half = kernel.subarray(0, 32 * 16 * 9);
    const twice = Float32Array.of(...half, ...half);
    expect(us({ ...two, weights: twice, weightDensity: 1 / 3 })).toBeCloseTo(
      2 * us({ ...one, weights: half, weightDensity: 1 / 3 }),
      9,
    );
  });
});

import { expect, test } from 'vitest';
import { svdAlexnet } from './svd.ts';

test('AlexNet by singular value decomposition takes the published fifth: 11.9 million parameters, 48 MB', () => {
  const { ranks, parameters, bytes, ratio, published } = svdAlexnet();
  expect(ranks).toEqual({ fc6: 420, fc7: 420, fc8: 103 });
  // Convolutions 2,332,704, biases 10,568, and 420 · (9216 + 4096) + 420 · (4096 + 4096) + 103 · (4096 + 1000)
  expect(parameters).toBe(2_332_704 + 10_568 + 420 * 13_312 + 420 * 8_192 + 103 * 5_096);
  expect(parameters / 1e6).toBeCloseTo(11.9, 1);
  expect(Math.abs(bytes / published.bytes - 1)).toBeLessThan(0.02);
  expect(ratio).toBeCloseTo(5.1, 1);
});

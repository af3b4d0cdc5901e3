import { seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { distort } from './distort.ts';

test('moves ink about but neither loses nor adds much of it', () => {
  const raw = new Uint8Array(28 * 28);
  for (let y = 10; y < 18; y++) raw.fill(255, y * 28 + 10, y * 28 + 18);
  const random = seededRandom(5);
  for (let i = 0; i < 20; i++) {
    const out = distort(raw, 1, 28, 28, random);
    const ink = out.reduce((a, b) => a + b, 0) / (64 * 255);
    expect(ink).toBeGreaterThan(1 / (1.14 * 1.14) - 0.1);
    expect(ink).toBeLessThan(1 / (0.86 * 0.86) + 0.1);
    expect(Math.max(...out)).toBeLessThanOrEqual(255);
  }
});

test('leaves an image as it is at strength 0', () => {
  const raw = Uint8Array.from({ length: 2 * 5 * 4 }, (_, i) => (i * 37) & 255);
  expect([...distort(raw, 2, 5, 4, seededRandom(1), undefined, 0)]).toEqual([...raw]);
});

import { layerTable, squeezenet } from '@pare/architectures';
import { expect, test } from 'vitest';
import { ALEXNET_BYTES, SQUEEZENET_DENSITIES, TABLE_2 } from './published.ts';

test('printed ratios are those of printed sizes, as the paper rounds', () => {
  for (const { originalMb, compressedMb, ratio } of Object.values(TABLE_2)) {
    expect([4.8, 240]).toContain(originalMb);
    expect(Math.abs(240 / compressedMb / ratio - 1)).toBeLessThan(0.015); // 240 / 6.9 = 34.8, printed 35
  }
});

test('AlexNet is 240 MB as the paper counts, within its rounding', () => {
  expect(ALEXNET_BYTES).toBe(243_860_896);
  expect(Math.abs(ALEXNET_BYTES / 2 ** 20 / 240 - 1)).toBeLessThan(0.04);
});

test('the densities leave as many parameters as are printed, 421,098, but for rounding', () => {
  const rows = layerTable(squeezenet()).filter(({ weights }) => weights > 0);
  expect(rows.map(({ name }) => `${name}/kernel`).sort()).toEqual(Object.keys(SQUEEZENET_DENSITIES).sort());
  const left = rows.reduce(
    (sum, { name, weights, biases }) => sum + weights * SQUEEZENET_DENSITIES[`${name}/kernel`]! + biases,
    0,
  );
  expect(Math.abs(left - 421_098)).toBeLessThan(30);
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findDataFolder } from '../data/data-folder.ts';
import { compressAlexnet, compressRealLayers } from './deep-compression.ts';

const folder = join(findDataFolder()?.path ?? '', 'alexnet-pq');

describe('real weights of AlexNet', () => {
  test('fc7 and fc8, pruned to 9 and 25 %, come to the rates of Deep Compression, table 4, within 6 %; our coding takes 6 % less', () => {
    if (!existsSync(folder)) {
      console.warn(`skipped: no ${folder}; set PARE_DATA to the data folder`);
      return;
    }
    const layers = compressRealLayers(folder);
    expect(layers.map(({ name }) => name)).toEqual(['fc7', 'fc8']);
    for (const { rateHuffman, published } of layers) {
      expect(Math.abs(rateHuffman / published.rateHuffman - 1)).toBeLessThan(0.06);
    }
    // The same weights in our best coding
    const sum = (of: 'bytes' | 'bestBytes'): number => layers.reduce((total, layer) => total + layer[of], 0);
    expect(sum('bestBytes') / sum('bytes')).toBeLessThan(0.94);
  }, 120_000);
});

test("all of AlexNet, generated, takes 3.2 % of its size by the paper's method, and 6 % less than that by ours", async () => {
  const { source, originalBytes, faithfulBytes, bestBytes, peakBytes, layers, total } = await compressAlexnet({
    coding: 'fast',
  });
  expect([source, originalBytes, total.weights]).toEqual(['generated', 243_860_896, 60_954_656]);
  for (const { density, published } of layers) expect(density).toBeCloseTo(published.density, 4);
  expect(faithfulBytes / 7_637_233).toBeCloseTo(1, 3);
  expect(bestBytes / faithfulBytes).toBeLessThan(0.94);
  expect(peakBytes).toBeLessThan(3e9);
}, 300_000);

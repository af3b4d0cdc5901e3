import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compressRealLayers } from './deep-compression.ts';

const folder = `${process.env.PARE_DATA ?? new URL('../../../../../shared/data', import.meta.url).pathname}/alexnet-pq`;

describe('real weights of AlexNet', () => {
  test('fc7 and fc8, pruned to 9 and 25 %, come to the rates of Deep Compression, table 4, within 6 %', () => {
    if (!existsSync(folder)) {
      console.warn(`skipped: no ${folder}; set PARE_DATA to the data folder`);
      return;
    }
    const layers = compressRealLayers(folder);
    expect(layers.map(({ name }) => name)).toEqual(['fc7', 'fc8']);
    for (const { rateHuffman, published } of layers) {
      expect(Math.abs(rateHuffman / published.rateHuffman - 1)).toBeLessThan(0.06);
    }
  }, 120_000);
});

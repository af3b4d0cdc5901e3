import { expect, test } from 'vitest';
import { googlenet, inception, layerTable, sequence } from './index.ts';

test('GoogLeNet has 58 layers with kernels and the maps of table 1', () => {
  const table = layerTable(googlenet()).filter((row) => row.weights > 0);
  expect(table).toHaveLength(58);
  const shapeOf = (name: string) => googlenet().find((layer) => layer.name === name)?.outputShape;
  expect(shapeOf('inception_3a/output')).toEqual([256, 28, 28]);
  expect(shapeOf('inception_3b/output')).toEqual([480, 28, 28]);
  expect(shapeOf('inception_4e/output')).toEqual([832, 14, 14]);
  expect(shapeOf('inception_5b/output')).toEqual([1024, 7, 7]);
  expect(shapeOf('loss3/classifier')).toEqual([1000]);
});

// Yang, Chen, Sze 2017, table 1: 6.99 million weights (a few biases are not counted there).
test('GoogLeNet has 6.99 million weights, and 1.58 thousand million multiplications', () => {
  const table = layerTable(googlenet());
  expect(table.reduce((sum, { weights }) => sum + weights, 0) / 1e6).toBeCloseTo(6.99, 2);
  expect(table.reduce((sum, { macs }) => sum + macs, 0)).toBe(1_582_671_872);
});

test('every pool of a module pads, so that its map keeps its size', () => {
  const layers = sequence([192, 5, 5], [inception('i', { one: 1, three: [2, 3], five: [4, 5], pool: 6 })]);
  expect(layers.find(({ kind }) => kind === 'pool')?.outputShape).toEqual([192, 5, 5]);
  expect(layers.at(-1)?.outputShape).toEqual([15, 5, 5]);
});

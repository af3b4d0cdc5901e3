import { expect, test } from 'vitest';
import { layerTable, vgg16 } from './index.ts';

test('VGG-16 has the weights of Han et al. 2015, table 5, and 30.9 thousand million operations', () => {
  const table = layerTable(vgg16()).filter((row) => row.weights > 0);
  expect(table.map(({ name, weights }) => `${name} ${weights}`)).toEqual([
    'conv1_1 1728',
    'conv1_2 36864',
    'conv2_1 73728',
    'conv2_2 147456',
    'conv3_1 294912',
    'conv3_2 589824',
    'conv3_3 589824',
    'conv4_1 1179648',
    'conv4_2 2359296',
    'conv4_3 2359296',
    'conv5_1 2359296',
    'conv5_2 2359296',
    'conv5_3 2359296',
    'fc6 102760448',
    'fc7 16777216',
    'fc8 4096000',
  ]);
  expect(table.reduce((sum, { weights, biases }) => sum + weights + biases, 0)).toBe(138_357_544);
  expect(table.reduce((sum, { macs }) => sum + 2 * macs, 0) / 1e9).toBeCloseTo(30.9, 1);
  expect(vgg16().find(({ name }) => name === 'pool5')?.outputShape).toEqual([512, 7, 7]);
});

import { expect, test } from 'vitest';
import { alexnet, layerTable } from './index.ts';

const table = layerTable(alexnet()).filter((row) => row.weights > 0);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

test("Caffe's AlexNet has the weights and operations of Han et al. 2015, table 4", () => {
  // Weights, and millions of operations (two for a multiply-accumulate) as printed
  expect(table.map(({ name, weights, macs }) => [name, weights, Math.round((2 * macs) / 1e6)])).toEqual([
    ['conv1', 34_848, 211],
    ['conv2', 307_200, 448],
    ['conv3', 884_736, 299],
    ['conv4', 663_552, 224],
    ['conv5', 442_368, 150],
    ['fc6', 37_748_736, 75],
    ['fc7', 16_777_216, 34],
    ['fc8', 4_096_000, 8],
  ]);
  expect(sum(table.map(({ weights, biases }) => weights + biases))).toBe(60_965_224); // 243,860,896 bytes as float32
});

test('has the maps of the prototxt: overlapping pools, two normalisations, two groups', () => {
  const layers = alexnet();
  const shapes = ['conv1', 'pool1', 'conv2', 'pool2', 'conv5', 'pool5', 'fc6', 'fc8'].map((name) =>
    layers.find((layer) => layer.name === name)?.outputShape.join('x'),
  );
  expect(shapes).toEqual(['96x55x55', '96x27x27', '256x27x27', '256x13x13', '256x13x13', '256x6x6', '4096', '1000']);
  expect(layers.filter(({ kind }) => kind === 'lrn').map(({ name, inputs }) => `${inputs} ${name}`)).toEqual([
    'relu1 norm1',
    'relu2 norm2',
  ]);
  expect(layers.find(({ name }) => name === 'norm1')).toMatchObject({ size: 5, alpha: 1e-4, beta: 0.75, k: 1 });
  expect(layers.flatMap((layer) => (layer.kind === 'conv2d' ? [layer.groups] : []))).toEqual([1, 2, 1, 2, 2]);
  expect(layers[0]).toMatchObject({ preprocess: { channelOrder: 'bgr' } });
  expect(alexnet({ classes: 7, softmax: true }).at(-1)).toMatchObject({ kind: 'softmax', outputShape: [7] });
});

test('says which layer has no room in a small input', () => {
  expect(() => alexnet({ side: 40 })).toThrow('"pool5" has a window of 3, larger than its input of 2');
});

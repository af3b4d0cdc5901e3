import { alexnet, sequence, vgg16 } from '@pare/architectures';
import { describe, expect, test } from 'vitest';
import { caffeText } from './caffe-text.ts';

describe('caffeText', () => {
  test('says what shapes come from, and joins what is left', () => {
    const layers = sequence(
      [3, 8, 8],
      [
        { kind: 'conv2d', name: 'conv1', filters: 4, kernelSize: 3, padding: 1 },
        { kind: 'relu', name: 'relu1' },
        { kind: 'lrn', name: 'norm1' },
        { kind: 'pool', name: 'pool1', size: 2 },
        { kind: 'flatten', name: 'flatten' },
        { kind: 'dense', name: 'fc2', units: 5 },
      ],
    );
    expect(caffeText(layers).split('\n')).toEqual([
      'input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }',
      'layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 4 kernel_size: 3 stride: 1 pad: 1 group: 1 } }',
      'layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }',
      'layer { name: "fc2" type: "InnerProduct" bottom: "pool1" top: "fc2" inner_product_param { num_output: 5 } }',
    ]);
  });

  test('knows all that AlexNet and VGG-16 have, and nothing else', () => {
    expect(caffeText(alexnet()).split('\n')).toHaveLength(1 + 5 + 3 + 3);
    expect(caffeText(vgg16({ softmax: true })).split('\n')).toHaveLength(1 + 13 + 5 + 3);
    const add = { kind: 'add', name: 'sum', inputs: ['data', 'data'], outputShape: [1] } as const;
    expect(() => caffeText([...sequence([1], []), add])).toThrow('"sum" has the kind "add"');
  });
});

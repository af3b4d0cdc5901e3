import { initialize, type Step, sequence } from '@pare/architectures';
import { type Layer, type Model, seededRandom } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { startWasm } from './backend.ts';
import { builtinForms } from './forms.ts';
import { logits } from './network.ts';
import { isSparseCapable, sparseLogits } from './sparse-network.ts';
import { trainedNetwork } from './trained-network.ts';

beforeAll(startWasm);

const softmax = (name: string): Step => ({ kind: 'softmax', name });
const dense = (name: string): Step => ({ kind: 'dense', name, units: 3 });
const netOf = (...steps: Step[]): Model => initialize(sequence([1, 2, 2], steps), seededRandom(1));

describe('a softmax', () => {
  const ask = { kernel: vi.fn(), bias: vi.fn(), weight: vi.fn() };
  const input = (): tf.Tensor4D => tf.ones([1, 1, 2, 2]);

  test.each([
    ['before another layer', [dense('ip1'), softmax('middle'), dense('ip2')], '"middle"', '"ip2"'],
    ['before another softmax', [dense('ip1'), softmax('first'), softmax('second')], '"first"', '"second"'],
  ])('%s is refused by name before anything runs', (_, steps, name, next) => {
    const { layers } = netOf(...steps);
    const complaint = (what: string): RangeError =>
      new RangeError(`${what}: softmax ${name} expected to be the last layer, got ${next} after it`);
    tf.tidy(() => {
      expect(() => logits(layers, ask.weight, input())).toThrow(complaint('logits'));
      expect(() => sparseLogits(layers, ask.kernel, ask.bias, input())).toThrow(complaint('sparseLogits'));
    });
    for (const asked of Object.values(ask)) expect(asked).not.toHaveBeenCalled();
  });

  test('that is the last layer is left out', () => {
    const answers = (...steps: Step[]): Float32Array => {
      const network = trainedNetwork(netOf(...steps), builtinForms);
      const given = tf.tidy(() => network.logits(input()).dataSync<'float32'>().slice());
      network.dispose();
      return given;
    };
    expect(answers(dense('ip1'), softmax('prob'))).toEqual(answers(dense('ip1')));
  });
});

describe('isSparseCapable', () => {
  const pool = (size: number): Step => ({ kind: 'pool', name: 'pool', size });
  const capable = (extent: number, ...steps: Step[]): boolean => isSparseCapable(sequence([1, extent, extent], steps));

  // Once taken for capable, and then left out without a word.
  test.each<[string, Partial<Layer>]>([
    ['normalisation', { kind: 'lrn', size: 5, alpha: 1, beta: 0.75, k: 1 }],
    ['an activation', { kind: 'activation', function: 'tanh' }],
    ['a foreign layer', { kind: 'foreign', operation: 'Einsum' }],
  ])('says no to %s', (_, other) => {
    const relu = sequence([2, 3, 3], [{ kind: 'relu', name: 'relu' }, dense('ip')]);
    expect(isSparseCapable(relu)).toBe(true);
    expect(isSparseCapable(relu.map((layer, i) => (i === 1 ? ({ ...layer, ...other } as Layer) : layer)))).toBe(false);
  });

  test('says no to a convolution with dilation', () => {
    const [input, conv] = sequence([1, 5, 5], [{ kind: 'conv2d', name: 'conv', filters: 2, kernelSize: 2 }]);
    expect(isSparseCapable([input!, { ...conv, dilation: [2, 2] } as Layer])).toBe(false);
    expect(isSparseCapable([input!, { ...conv, dilation: [1, 1] } as Layer])).toBe(true);
  });

  test('says no to a pool whose window the kernels cannot count', () => {
    expect(capable(20, pool(16))).toBe(true);
    expect(capable(20, pool(17))).toBe(false);
  });

  test('so that a pruned net with such a pool takes the dense path', () => {
    const net = initialize(
      sequence([1, 18, 18], [{ kind: 'conv2d', name: 'conv', filters: 2, kernelSize: 2 }, pool(17), dense('ip')]),
      seededRandom(1),
    );
    const weights = net.weights.map((weight) => {
      const values = 'values' in weight.form ? weight.form.values : new Float32Array(0);
      const mask = Uint8Array.from(values, (_, i) => (i % 2 === 0 ? 1 : 0));
      return { ...weight, form: { kind: 'masked' as const, mask, values: values.map((v, i) => v * mask[i]!) } };
    });
    const network = trainedNetwork({ ...net, weights }, builtinForms);
    expect(network.variables.map(({ size }) => size)).toEqual(weights.map(({ form }) => form.values.length));
    const answer = tf.tidy(() => network.logits(tf.ones([2, 1, 18, 18])));
    expect(answer.shape).toEqual([2, 3]);
    answer.dispose();
    network.dispose();
  });
});

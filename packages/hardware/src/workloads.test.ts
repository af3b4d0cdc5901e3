import type { Layer, Model } from '@pare/core';
import { smallNetwork, withForm } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { eyeriss, memoryBytes, modelWorkloads, networkCost, workloadsOf } from './index.ts';

const { layers } = smallNetwork(); // conv, relu, pool, flatten, dense, relu, dense, softmax

describe('workloads of a network', () => {
  test('only layers with kernels, a dense one after a flattened map seeing the map', () => {
    const works = workloadsOf(layers);
    expect(works.map(({ layer, inputShape }) => `${layer.name} ${inputShape}`)).toEqual([
      'conv1 2,4,4',
      'ip1 3,2,2',
      'ip2 5',
    ]);
  });

  test('what a ReLU has passed is half zeros, through pools and flattening; the rest is dense', () => {
    expect(workloadsOf(layers).map(({ inputDensity, outputDensity }) => [inputDensity, outputDensity])).toEqual([
      [1, 0.5],
      [0.5, 0.5],
      [0.5, 1],
    ]);
    const [, ip1] = workloadsOf(layers, { afterRelu: 0.25, densities: { ip1: { weights: 0.1, outputs: 0.9 } } });
    expect(ip1).toMatchObject({ inputDensity: 0.25, outputDensity: 0.9, weightDensity: 0.1 });
  });

  test('a sum of what a ReLU has passed is not taken for it', () => {
    const add: Layer = { kind: 'add', name: 'sum', inputs: ['relu1', 'relu1'], outputShape: [3, 4, 4] };
    const changed = layers.map((layer) => (layer.name === 'pool1' ? { ...layer, inputs: ['sum'] } : layer));
    const at = changed.findIndex(({ name }) => name === 'pool1');
    const works = workloadsOf([...changed.slice(0, at), add, ...changed.slice(at)]);
    expect(works.find(({ layer }) => layer.name === 'ip1')?.inputDensity).toBe(1);
  });

  test('a batch normalisation between does not hide a ReLU, nor is ReLU6 another thing', () => {
    const shape = [3, 4, 4] as const;
    const batchnorm: Layer = {
      ...{ kind: 'batchnorm', name: 'bn1', inputs: ['conv1'], outputShape: shape },
      ...{ mean: 'bn1/mean', variance: 'bn1/variance', epsilon: 1e-5 },
    };
    const relu6: Layer = {
      ...{ kind: 'activation', name: 'relu1', inputs: ['bn1'], outputShape: shape },
      function: 'relu6',
    };
    const changed = layers.flatMap((layer) => (layer.name === 'relu1' ? [batchnorm, relu6] : [layer]));
    const densities = (among: readonly Layer[]) =>
      workloadsOf(among).map(({ inputDensity, outputDensity }) => [inputDensity, outputDensity]);
    expect(changed.map(({ name }) => name)).toContain('bn1');
    expect(densities(changed)).toEqual(densities(layers));
    const swish = changed.map((layer) => (layer === relu6 ? ({ ...relu6, function: 'swish' } as const) : layer));
    expect(densities(swish).slice(0, 2)).toEqual([
      [1, 1],
      [1, 0.5],
    ]);
  });

  test('a layer that takes what nobody makes is named', () => {
    const lost = layers.map((layer) => (layer.name === 'ip1' ? { ...layer, inputs: ['nowhere'] } : layer));
    expect(() => workloadsOf(lost)).toThrow(/layer "ip1" takes "nowhere"/);
  });
});

describe('workloads of a model', () => {
  test.each(['dense', 'masked', 'shared'] as const)('%s kernels come along, their zeros counted', (kind) => {
    const model = smallNetwork({ kind });
    for (const { weights, weightDensity } of modelWorkloads(model)) {
      const kept = weights!.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
      expect(weightDensity).toBe(kept / weights!.length);
    }
  });

  test('a form of a plugin needs someone who knows its numbers', () => {
    const unknown = { kind: 'mine' } as unknown as Parameters<Parameters<typeof withForm>[2]>[0]; // as a plugin would add it
    const model: Model = withForm(smallNetwork(), 'ip1/kernel', () => unknown);
    expect(() => modelWorkloads(model)).toThrow(/"ip1\/kernel" has the form "mine"/);
    const zeros = new Float32Array(60);
    const [, ip1] = modelWorkloads(model, {}, (form) => ('values' in form ? form.values : zeros));
    expect(ip1?.weightDensity).toBe(0);
  });
});

test('a network costs what its layers do, by data, by level and in all', () => {
  const works = modelWorkloads(smallNetwork({ kind: 'masked' }), { batch: 3 });
  const { layers: rows, energyPj, byData, byLevel } = networkCost(eyeriss(), works);
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  expect(rows.map(({ name }) => name)).toEqual(['conv1', 'ip1', 'ip2']);
  for (const parts of [rows.map(({ cost }) => cost.energyPj), Object.values(byData), Object.values(byLevel)]) {
    expect(sum(parts) / energyPj).toBeCloseTo(1, 12);
  }
});

test('memory is kept weights, and the largest input with its output', () => {
  const works = workloadsOf(layers, { weightBits: 8, activationBits: 16, densities: { ip1: { weights: 0.5 } } });
  expect(memoryBytes(works)).toEqual({ weights: 54 + 30 + 15, activations: 2 * (32 + 48) });
  const batch = works.map((work) => ({ ...work, batch: 3 }));
  expect(memoryBytes(batch)).toEqual({ weights: 54 + 30 + 15, activations: 3 * 2 * (32 + 48) });
  const many = Array.from({ length: 200_000 }, () => works[0]!); // more than a call has room for
  expect(memoryBytes(many).activations).toBe(2 * (32 + 48));
  expect(memoryBytes([])).toEqual({ weights: 0, activations: 0 });
});

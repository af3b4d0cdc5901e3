import { initialize, layerTable, lenet300, sequence } from '@pare/architectures';
import {
  checkModel,
  createRegistry,
  createStage,
  type Model,
  parameterCount,
  seededRandom,
  type Weight,
} from '@pare/core';
import { describeContract, referenceForward, same, stageContract } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import plugin, { type FactorizeOptions, factorize, factorizedLayers } from './index.ts';

// Of the promises of a stage two are not for it: it is there to change names and shapes.
const CHANGED = ['keeps names, order and shapes', 'returns the weights it has not changed as they are'];
describeContract(
  'stage factorize',
  stageContract(() => factorize({ rank: 1 })).filter(({ name }) => !CHANGED.includes(name)),
);

const apply = async (model: Model, options: FactorizeOptions, report = () => {}): Promise<Model> =>
  factorize(options).run(model, { random: seededRandom(1), report });

const network = sequence(
  [4, 6, 6],
  [
    { kind: 'conv2d', name: 'conv1', filters: 8, kernelSize: 3, padding: 1, stride: 2, groups: 2 },
    { kind: 'relu', name: 'relu1' },
    { kind: 'conv2d', name: 'conv2', filters: 12, kernelSize: 3 },
    { kind: 'flatten', name: 'flatten' },
    { kind: 'dense', name: 'ip1', units: 10 },
  ],
);

/** A model whose kernels (those of each group) are sums of two products, so that rank 2 loses nothing. */
function ofRankTwo(): Model {
  const model = initialize(network, seededRandom(3));
  const weights = model.weights.map((weight): Weight => {
    const [outputs = 0, ...rest] = weight.shape;
    if (rest.length === 0 || weight.form.kind !== 'dense') {
      return { ...weight, form: { kind: 'dense', values: new Float32Array(outputs).fill(0.1) } };
    }
    const columns = rest.reduce((a, b) => a * b, 1);
    const groups = weight.name === 'conv1/kernel' ? 2 : 1;
    const perGroup = outputs / groups;
    const values = weight.form.values.map((_, at) => {
      const [output, column] = [Math.floor(at / columns), at % columns];
      const group = Math.floor(output / perGroup);
      return (
        (Math.sin(output) * Math.cos(3 * column + group) + Math.cos(2 * output) * Math.sin(column * 1.7 + group)) / 4
      );
    });
    return { ...weight, form: { kind: 'dense', values } };
  });
  return { ...model, weights };
}

describe('factorize', () => {
  test('computes the same with fewer weights where kernels are of low rank: dense, convolution, groups, stride', async () => {
    const model = ofRankTwo();
    const thin = await apply(model, { rank: 2 });
    checkModel(thin);
    expect(parameterCount(thin)).toBeLessThan(parameterCount(model));
    expect(thin.weights.map(({ name, shape }) => `${name} ${shape}`)).toEqual([
      'conv1/basis/kernel 4,2,3,3',
      'conv1/kernel 8,2,1,1',
      'conv1/bias 8',
      'conv2/basis/kernel 2,8,3,3',
      'conv2/kernel 12,2,1,1',
      'conv2/bias 12',
      'ip1/basis/kernel 2,12',
      'ip1/kernel 10,2',
      'ip1/bias 10',
    ]);
    const input = Float32Array.from({ length: 144 }, (_, i) => Math.sin(i * i));
    const [before, after] = [referenceForward(model, input), referenceForward(thin, input)];
    expect(Math.max(...before.map(Math.abs))).toBeGreaterThan(0.1);
    before.forEach((value, i) => {
      expect(Math.abs(value - after[i]!)).toBeLessThan(1e-5);
    });
  });

  test('leaves what was not chosen, and what would not get smaller', async () => {
    const model = ofRankTwo();
    const thin = await apply(model, { rank: { byName: { ip1: 1 } } });
    expect(thin.weights.map(({ name }) => name)).toContain('ip1/basis/kernel');
    expect(thin.weights.slice(0, 4).every((weight, i) => weight === model.weights[i])).toBe(true);
    expect(await apply(model, { rank: 9 })).not.toBe(model); // conv2 is [12, 72]
    expect(await apply(model, { rank: 1000 })).toBe(model);
    const only = await apply(model, { rank: 2, select: 'conv2' });
    expect(only.layers.filter(({ name }) => name.endsWith('/basis')).map(({ name }) => name)).toEqual(['conv2/basis']);
  });

  test('drops a topology that no longer fits, and a mask', async () => {
    const model = ofRankTwo();
    const masked = model.weights.map((weight): Weight => {
      if (weight.name !== 'ip1/kernel' || weight.form.kind !== 'dense') return weight;
      return { ...weight, form: { kind: 'masked', values: weight.form.values, mask: new Uint8Array(120).fill(1) } };
    });
    const thin = await apply({ ...model, weights: masked, topology: {} }, { rank: { byName: { ip1: 2 } } });
    expect(thin.topology).toBeUndefined();
    expect(same(thin, await apply(model, { rank: { byName: { ip1: 2 } } }))).toBe(true);
  });

  test('refuses other forms, ranks and names', async () => {
    const model = ofRankTwo();
    const shared = model.weights.map((weight): Weight => {
      if (weight.name !== 'ip1/kernel') return weight;
      const form = {
        kind: 'shared',
        codebook: Float32Array.of(1),
        indices: new Uint16Array(120),
        mask: new Uint8Array(120),
      } as const;
      return { ...weight, form };
    });
    await expect(apply({ ...model, weights: shared }, { rank: 2 })).rejects.toThrow(
      '"ip1/kernel" expected dense or masked weights, got shared: factorize before sharing',
    );
    await expect(apply(model, { rank: 1.5 })).rejects.toThrow('"rank" of "conv1" expected a whole number ≥ 1, got 1.5');
    await expect(apply(model, { rank: { byName: { fc: 1 } } })).rejects.toThrow('names "fc"');
  });
});

test('factorizedLayers refuses a kernel that serves two layers', () => {
  const [data, ...rest] = sequence(
    [4],
    [
      { kind: 'dense', name: 'a', units: 4 },
      { kind: 'dense', name: 'b', units: 4 },
    ],
  );
  const tied = rest.map((layer) => (layer.kind === 'dense' ? { ...layer, kernel: 'a/kernel' } : layer));
  expect(() => factorizedLayers([data!, ...tied], () => 1)).toThrow('"a/kernel" serves both "a" and "b"');
});

test('LeNet-300-100 at rank 30 has a sixth of its weights', () => {
  const { layers } = factorizedLayers(lenet300(), () => 30);
  const rows = layerTable(layers).filter(({ weights }) => weights > 0);
  expect(rows.map(({ name, weights, biases }) => `${name} ${weights}+${biases}`)).toEqual([
    'ip1/basis 23520+0',
    'ip1 9000+300',
    'ip2/basis 9000+0',
    'ip2 3000+100',
    'ip3 1000+10',
  ]);
});

test('the plugin brings the stage by name, and its options are checked', async () => {
  const { stages } = createRegistry([plugin]);
  const stage = await createStage(stages, 'factorize', { rank: { byName: { ip1: 50 } } });
  expect(stage.options).toEqual({ rank: { byName: { ip1: 50 } } });
  await expect(createStage(stages, 'factorize', { rank: 0.5 })).rejects.toThrow('"rank"');
  await expect(createStage(stages, 'factorize', {})).rejects.toThrow('options of stage "factorize"');
});

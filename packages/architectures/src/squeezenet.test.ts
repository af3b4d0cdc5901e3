import { checkModel, type Layer, parameterCount, seededRandom } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { fire, initialize, layerTable, sequence, squeezenet } from './index.ts';

const shapeOf = (layers: readonly Layer[], name: string) => layers.find((layer) => layer.name === name)?.outputShape;

/** Parameters by module, as a paper prints them. */
function parametersOf(layers: readonly Layer[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { name, weights, biases } of layerTable(layers)) {
    if (weights > 0) sums[name.split('/')[0]!] = (sums[name.split('/')[0]!] ?? 0) + weights + biases;
  }
  return sums;
}

describe('SqueezeNet v1.0', () => {
  const layers = squeezenet();

  test('has the parameters of Iandola et al. 2016, table 1', () => {
    expect(parametersOf(layers)).toEqual({
      conv1: 14_208,
      fire2: 11_920,
      fire3: 12_432,
      fire4: 45_344,
      fire5: 49_440,
      fire6: 104_880,
      fire7: 111_024,
      fire8: 188_992,
      fire9: 197_184,
      conv10: 513_000,
    });
    expect(parameterCount(initialize(layers, seededRandom(1)))).toBe(1_248_424);
  });

  test('has the shapes of table 1, but for the rim that the released network adds to conv10', () => {
    expect(shapeOf(layers, 'conv1')).toEqual([96, 111, 111]);
    expect(shapeOf(layers, 'fire2/concat')).toEqual([128, 55, 55]);
    expect(shapeOf(layers, 'fire4/concat')).toEqual([256, 55, 55]);
    expect(shapeOf(layers, 'fire8/concat')).toEqual([512, 27, 27]);
    expect(shapeOf(layers, 'fire9/concat')).toEqual([512, 13, 13]);
    expect(shapeOf(layers, 'conv10')).toEqual([1000, 15, 15]);
    expect(shapeOf(layers, 'pool10')).toEqual([1000, 1, 1]);
    expect(layers.at(-1)).toMatchObject({ kind: 'flatten', outputShape: [1000] });
  });

  test('hangs together, with a softmax if asked for', () => {
    const model = initialize(squeezenet({ softmax: true, classes: 7 }), seededRandom(1));
    expect(() => checkModel(model)).not.toThrow();
    expect(model.layers.at(-1)).toMatchObject({ kind: 'softmax', outputShape: [7] });
  });
});

describe('SqueezeNet v1.1', () => {
  const layers = squeezenet({ version: '1.1' });

  test('has 1,235,496 parameters and less than half of the multiplications', () => {
    expect(parameterCount(initialize(layers, seededRandom(1)))).toBe(1_235_496);
    const macs = (of: readonly Layer[]) => layerTable(of).reduce((sum, row) => sum + row.macs, 0);
    // its authors: "2.4x less computation"
    expect(macs(squeezenet()) / macs(layers)).toBeCloseTo(2.45, 1);
  });

  test('comes to 13 × 13 maps at an input of 224', () => {
    expect(shapeOf(layers, 'conv1')).toEqual([64, 111, 111]);
    expect(shapeOf(layers, 'fire3/concat')).toEqual([128, 55, 55]);
    expect(shapeOf(layers, 'fire5/concat')).toEqual([256, 27, 27]);
    expect(shapeOf(layers, 'conv10')).toEqual([1000, 13, 13]);
  });
});

test('says which layer has no room in a small input', () => {
  expect(() => squeezenet({ side: 12 })).toThrow('"pool4" has a window of 3, larger than its input of');
});

describe('fire', () => {
  test('expands 1 × 1 first, from the same squeezed maps', () => {
    const layers = sequence([8, 5, 5], [fire('fire2', { squeeze: 2, expand1x1: 3, expand3x3: 4 })]);
    expect(layers.map(({ name }) => name)).toEqual([
      'data',
      'fire2/squeeze1x1',
      'fire2/relu_squeeze1x1',
      'fire2/expand1x1',
      'fire2/relu_expand1x1',
      'fire2/expand3x3',
      'fire2/relu_expand3x3',
      'fire2/concat',
    ]);
    expect(layers[3]?.inputs).toEqual(layers[5]?.inputs);
    expect(layers.at(-1)).toEqual({
      kind: 'concat',
      name: 'fire2/concat',
      inputs: ['fire2/relu_expand1x1', 'fire2/relu_expand3x3'],
      outputShape: [7, 5, 5],
    });
  });
});

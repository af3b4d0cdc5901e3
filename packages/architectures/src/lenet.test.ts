import { checkModel, parameterCount, seededRandom } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { initialize, layerTable, lenet5, lenet300, type Step, sequence } from './index.ts';

describe('LeNet-300-100', () => {
  test('has the weights of Han et al. 2015, table 2, and 410 biases', () => {
    const rows = layerTable(lenet300()).filter((row) => row.weights > 0);
    expect(rows.map((row) => row.weights)).toEqual([235_200, 30_000, 1_000]);
    expect(parameterCount(initialize(lenet300(), seededRandom(1)))).toBe(266_610); // 1,066,440 bytes as float32
    expect(rows.reduce((sum, row) => sum + 2 * row.macs, 0)).toBe(532_400); // the table prints 532K operations
  });
});

describe("Caffe's LeNet-5", () => {
  test('has the weights and operations of Han et al. 2015, table 3', () => {
    const rows = layerTable(lenet5()).filter((row) => row.weights > 0);
    expect(rows.map((row) => row.weights)).toEqual([500, 25_000, 400_000, 5_000]);
    expect(rows.map((row) => 2 * row.macs)).toEqual([576_000, 3_200_000, 800_000, 10_000]);
    expect(parameterCount(initialize(lenet5(), seededRandom(1)))).toBe(431_080); // 1,724,320 bytes as float32
  });

  test('shrinks 28 × 28 pixels to 50 maps of 4 × 4', () => {
    expect(lenet5().find((layer) => layer.name === 'pool2')?.outputShape).toEqual([50, 4, 4]);
  });
});

describe('sequence', () => {
  test('rounds pools up when told to, leaving out windows that start beyond the input', () => {
    const pool = { kind: 'pool', name: 'pool', size: 3, stride: 2 } as const;
    expect(sequence([1, 6, 6], [pool]).at(-1)?.outputShape).toEqual([1, 2, 2]);
    expect(sequence([1, 6, 6], [{ ...pool, rounding: 'ceil' }]).at(-1)?.outputShape).toEqual([1, 3, 3]);
    expect(sequence([1, 3, 3], [{ ...pool, size: 1, stride: 3, rounding: 'ceil' }]).at(-1)?.outputShape).toEqual([
      1, 1, 1,
    ]);
  });

  test('names the layer that does not fit', () => {
    expect(() => sequence([1, 4, 4], [{ kind: 'conv2d', name: 'conv1', filters: 1, kernelSize: 5 }])).toThrow(
      'sequence: "conv1" has a window of 5, larger than its input of 4',
    );
    expect(() => sequence([4], [{ kind: 'conv2d', name: 'conv1', filters: 1, kernelSize: 1 }])).toThrow(
      'conv2d "conv1" expected a [C, H, W] input, got [4]',
    );
  });
});

test.each<[Step, string]>([
  [{ kind: 'dense', name: 'ip', units: 0 }, '"units" of "ip" expected a whole number ≥ 1, got 0'],
  [{ kind: 'conv2d', name: 'c', filters: 1.5, kernelSize: 1 }, '"filters" of "c" expected a whole number ≥ 1, got 1.5'],
  [{ kind: 'conv2d', name: 'c', filters: 1, kernelSize: 1, stride: 0 }, '"stride" of "c"'],
  [{ kind: 'conv2d', name: 'c', filters: 1, kernelSize: 1, groups: 0 }, '"groups" of "c"'],
  [
    { kind: 'conv2d', name: 'c', filters: 1, kernelSize: 1, padding: -1 },
    '"padding" of "c" expected a whole number ≥ 0',
  ],
  [{ kind: 'pool', name: 'p', size: Number.NaN }, '"size" of "p" expected a whole number ≥ 1, got NaN'],
])('sequence refuses %o', (step, message) => {
  expect(() => sequence([1, 4, 4], [step])).toThrow(message);
});

describe('initialize', () => {
  test('makes a model that hangs together, the same for the same seed', () => {
    const model = initialize(lenet5(), seededRandom(7));
    expect(() => checkModel(model)).not.toThrow();
    expect(initialize(lenet5(), seededRandom(7))).toEqual(model);
    expect(initialize(lenet5(), seededRandom(8))).not.toEqual(model);
  });

  test('gives kernels the variance 2 / fan-in', () => {
    const [kernel] = initialize(lenet300(), seededRandom(1)).weights;
    const { form } = kernel!;
    if (form.kind !== 'dense') throw new Error('bug: a fresh weight is dense');
    const variance = form.values.reduce((sum, value) => sum + value * value, 0) / form.values.length;
    expect(variance / (2 / 784)).toBeCloseTo(1, 1); // 235,200 draws: standard error 0.3 %
  });
});

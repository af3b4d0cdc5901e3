import { describe, expect, expectTypeOf, test } from 'vitest';
import { CorruptDataError } from './errors.ts';
import { checkModel, type Model, mapWeights, parameterCount, placedWeights, weightOf } from './model.ts';
import { denseParametrization, type Parametrization, parametrizationOf } from './parametrization.ts';
import { resolvePerWeight } from './select.ts';
import { type Dense, denseWeight, elementCount, type Masked, type Shared, type Weight } from './weight.ts';

const layers: Model['layers'] = [
  { kind: 'input', name: 'data', inputs: [], outputShape: [3] },
  { kind: 'dense', name: 'ip', inputs: ['data'], outputShape: [2], units: 2, kernel: 'ip/kernel', bias: 'ip/bias' },
];
const kernel = denseWeight('ip/kernel', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
const bias = denseWeight('ip/bias', [2], Float32Array.of(0, 0));
const model: Model = { layers, weights: [kernel, bias], history: [] };

describe('checkModel', () => {
  test('accepts a model that hangs together', () => {
    expect(() => checkModel(model)).not.toThrow();
    expect(parameterCount(model)).toBe(8);
  });

  test.each<[string, Model, string]>([
    ['an absent weight', { ...model, weights: [kernel] }, 'layer "ip" needs the bias "ip/bias", which is absent'],
    ['two weights of one name', { ...model, weights: [kernel, bias, bias] }, 'two weights are named "ip/bias"'],
    ['two layers of one name', { ...model, layers: [layers[0]!, layers[0]!] }, 'two layers are named "data"'],
    [
      'an input from nowhere',
      { ...model, layers: layers.slice(1) },
      'layer "ip" takes "data", which no layer before it makes',
    ],
    [
      'a wrong shape',
      { ...model, weights: [denseWeight('ip/kernel', [3, 2], new Float32Array(6)), bias] },
      '"ip/kernel" expected shape [2, 3] for layer "ip", got [3, 2]',
    ],
    [
      'a normalisation of other channels',
      {
        layers: [
          layers[0]!,
          {
            kind: 'batchnorm',
            name: 'bn',
            inputs: ['data'],
            outputShape: [3],
            mean: 'm',
            variance: 'v',
            epsilon: 1e-3,
          },
        ],
        weights: [denseWeight('m', [3], new Float32Array(3)), denseWeight('v', [2], new Float32Array(2))],
        history: [],
      },
      '"v" expected shape [3] for layer "bn", got [2]',
    ],
    [
      'a number that is none',
      { ...model, weights: [kernel, denseWeight('ip/bias', [2], Float32Array.of(0, Number.NaN))] },
      '"ip/bias" expected finite numbers, got NaN at index 1',
    ],
    [
      'a form that does not fill its shape',
      { ...model, weights: [{ ...kernel, form: { kind: 'dense', values: new Float32Array(5) } }, bias] },
      'checkModel: "ip/kernel" expected 6 numbers, got 5',
    ],
    [
      'a form that breaks its promises',
      {
        ...model,
        weights: [
          kernel,
          { ...bias, form: { kind: 'masked', values: Float32Array.of(0, 1), mask: Uint8Array.of(1, 0) } },
        ],
      },
      'checkModel: "ip/bias" expected 0 where its mask is 0, got 1 at index 1',
    ],
  ])('names %s', (_what, broken, message) => {
    expect(() => checkModel(broken)).toThrow(message);
  });
});

describe('mapWeights', () => {
  test('returns the model itself when nothing changes', () => {
    expect(mapWeights(model, ({ weight }) => weight)).toBe(model);
  });

  test('refuses to make another network of it', () => {
    expect(() => mapWeights(model, () => bias)).toThrow('bug: mapWeights');
    const turned = (weight: Weight): Weight => ({ ...weight, shape: [...weight.shape].reverse() });
    expect(() => mapWeights(model, ({ weight }) => turned(weight))).toThrow(
      'bug: mapWeights: "ip/kernel" [2, 3] became "ip/kernel" [3, 2]',
    );
  });

  test('tells each weight its layer and role', () => {
    expect(placedWeights(model).map(({ layer, role }) => [layer?.name, role])).toEqual([
      ['ip', 'kernel'],
      ['ip', 'bias'],
    ]);
  });
});

test('weightOf names the weights there are', () => {
  expect(weightOf(model, 'ip/bias')).toBe(bias);
  expect(() => weightOf(model, 'ip3')).toThrow('weightOf: no weight "ip3"; the model has ip/kernel, ip/bias');
});

describe('resolvePerWeight', () => {
  const [placed] = placedWeights(model);
  test('lets the most special setting win', () => {
    const setting = { default: 1, byType: { dense: 2 }, byName: { ip: 3, 'ip/kernel': 4 } };
    expect(resolvePerWeight(setting, placed!)).toBe(4);
    expect(resolvePerWeight({ ...setting, byName: { ip: 3 } }, placed!)).toBe(3);
    expect(resolvePerWeight({ ...setting, byName: {} }, placed!)).toBe(2);
    expect(resolvePerWeight({ default: 1 }, placed!)).toBe(1);
    expect(resolvePerWeight(7, placed!)).toBe(7);
    expect(resolvePerWeight({ byName: { other: 1 } }, placed!)).toBeUndefined();
  });

  test('is not fooled by names that every object has', () => {
    const odd = { weight: denseWeight('constructor', [0], new Float32Array(0)) };
    expect(resolvePerWeight({ default: 1, byName: {} }, odd)).toBe(1);
  });
});

describe('weights', () => {
  test('count their elements, scalars and empty ones too', () => {
    expect(elementCount([])).toBe(1);
    expect(elementCount([5, 0])).toBe(0);
    expect(() => elementCount([2, -1])).toThrow('elementCount: "shape" expected whole extents ≥ 0, got [2, -1]');
  });

  test('must fill their shape', () => {
    expect(() => denseWeight('w', [2], Float32Array.of(1))).toThrow('"values" of "w" expected 2 for shape [2], got 1');
  });
});

describe('parametrizationOf', () => {
  test('names the form nobody knows', () => {
    const masked: Masked = { kind: 'masked', values: Float32Array.of(1), mask: Uint8Array.of(1) };
    expect(() => parametrizationOf(masked, [denseParametrization])).toThrow(
      'no parametrization for the form "masked": pass the one of the package that made it (have: dense)',
    );
  });

  test('gives the type that fits the form', () => {
    const form: Dense = { kind: 'dense', values: Float32Array.of(1) };
    expectTypeOf(parametrizationOf(form, [denseParametrization])).toEqualTypeOf<Parametrization<Dense>>();
    // @ts-expect-error a shared form is not what a dense parametrization takes
    expectTypeOf(denseParametrization.toDense).toBeCallableWith({} as Shared);
  });
});

test('CorruptDataError says where', () => {
  const error = new CorruptDataError('checksum', 812, 'record 3 does not match');
  expect([error.name, error.code, error.byte, error.message]).toEqual([
    'CorruptDataError',
    'checksum',
    812,
    'corrupt data at byte 812: record 3 does not match',
  ]);
});

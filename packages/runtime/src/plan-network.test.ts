import { alexnet, lenet5, squeezenet } from '@pare/architectures';
import type { Layer, Shape } from '@pare/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shapesFor } from '../test/_networks.ts';
import { arrange } from './arrange.ts';
import { NetworkError, planNetwork } from './index.ts';

const plan = (layers: readonly Layer[]) => planNetwork(layers, shapesFor(layers));
const input = (...outputShape: number[]): Layer => ({ kind: 'input', name: 'data', inputs: [], outputShape });
const relu = (name: string, inputs: string[], outputShape: Shape): Layer => ({
  kind: 'relu',
  name,
  inputs,
  outputShape,
});
const softmax = (name: string, from: string, outputShape: Shape): Layer => ({
  kind: 'softmax',
  name,
  inputs: [from],
  outputShape,
});

describe('known networks', () => {
  test('SqueezeNet: nothing but convolutions and pools is left, and nothing is copied', () => {
    const { steps, bytes, unsharedBytes } = plan(squeezenet());
    expect(new Set(steps.map(({ layer }) => layer.kind))).toEqual(new Set(['conv2d', 'pool']));
    expect(steps).toHaveLength(30);
    // conv1 and pool1 are there together: 96 · 111² and 96 · 55² numbers.
    expect(bytes).toBe(4 * 96 * (111 ** 2 + 55 ** 2));
    expect(unsharedBytes / bytes).toBeGreaterThan(8);
  });

  test('with bypasses around its modules, additions are in place', () => {
    const { steps } = plan(squeezenet({ bypass: 'simple' }));
    const additions = steps.filter(({ layer }) => layer.kind === 'add');
    expect(additions).toHaveLength(4);
    for (const { inputs, output } of additions) expect(inputs.map(({ offset }) => offset)).toContain(output.offset);
  });

  test('AlexNet and LeNet-5', () => {
    const kinds = (layers: readonly Layer[]): string =>
      plan(layers)
        .steps.map(({ layer }) => layer.kind)
        .join(' ');
    expect(kinds(alexnet())).toBe('conv2d lrn pool conv2d lrn pool conv2d conv2d conv2d pool dense dense dense');
    expect(kinds(lenet5())).toBe('conv2d pool conv2d pool dense dense');
  });
});

describe('sharing of memory', () => {
  test('what is still wanted is not changed in place', () => {
    const { steps } = plan([
      input(4),
      softmax('a', 'data', [4]),
      relu('b', ['a'], [4]),
      { kind: 'add', name: 'c', inputs: ['a', 'b'], outputShape: [4] },
    ]);
    const [, b] = steps;
    expect(b!.output.offset).not.toBe(b!.inputs[0]!.offset);
  });

  test('a ReLU is not part of what others read before it', () => {
    const { steps } = plan([
      input(1, 2, 2),
      {
        kind: 'conv2d',
        name: 'a',
        inputs: ['data'],
        outputShape: [1, 2, 2],
        kernel: 'k',
        filters: 1,
        kernelSize: [1, 1],
        stride: [1, 1],
        padding: [0, 0, 0, 0],
        groups: 1,
      },
      softmax('b', 'a', [1, 2, 2]),
      relu('c', ['a'], [1, 2, 2]),
      { kind: 'add', name: 'd', inputs: ['b', 'c'], outputShape: [1, 2, 2] },
    ]);
    expect(steps.map(({ layer, least }) => [layer.name, least])).toEqual([
      ['a', -Infinity],
      ['b', -Infinity],
      ['c', 0],
      ['d', -Infinity],
    ]);
  });

  test('a concat of one thing twice copies it once', () => {
    const layers: Layer[] = [
      input(2),
      softmax('a', 'data', [2]),
      { kind: 'concat', name: 'b', inputs: ['a', 'a'], outputShape: [4] },
    ];
    const { steps } = plan(layers);
    expect(steps.map(({ layer }) => layer.kind)).toEqual(['softmax', 'concat']);
    expect(steps[1]!.inputs[0]!.offset).toBe(steps[1]!.output.offset);
  });
});

describe('errors name the layer', () => {
  const code = (layers: readonly Layer[], shapes = shapesFor(layers)): [string, string] => {
    try {
      planNetwork(layers, shapes);
    } catch (error) {
      if (error instanceof NetworkError) return [error.code, error.layer];
      throw error;
    }
    return ['none', ''];
  };
  const dense = (inputs: string[], units = 2): Layer => ({
    kind: 'dense',
    name: 'ip',
    inputs,
    outputShape: [units],
    kernel: 'ip/kernel',
    units,
  });

  test.each<[string, Layer[], [string, string]]>([
    ['no layers', [], ['inputs', '']],
    ['no input', [relu('a', ['a'], [1])], ['cycle', 'a']],
    ['a circle', [input(1), relu('a', ['c'], [1]), relu('b', ['a'], [1]), relu('c', ['b'], [1])], ['cycle', 'c']],
    ['an absent layer', [input(1), relu('a', ['x'], [1])], ['missing-layer', 'a']],
    ['one name twice', [input(1), relu('a', ['data'], [1]), relu('a', ['data'], [1])], ['duplicate-layer', 'a']],
    [
      'two inputs',
      [input(1), { ...input(1), name: 'more' }, { kind: 'add', name: 'a', inputs: ['data', 'more'], outputShape: [1] }],
      ['inputs', ''],
    ],
    ['another shape', [input(3), relu('a', ['data'], [4])], ['shape', 'a']],
    ['a shape that is none', [input(0), relu('a', ['data'], [0])], ['shape', 'data']],
    ['a shape too large', [input(2 ** 20, 2 ** 10, 1), relu('a', ['data'], [2 ** 20, 2 ** 10, 1])], ['shape', 'data']],
    [
      // A window that sees nothing but padding has no largest number: it gave −∞.
      'a pool padded by its window',
      [
        input(1, 4, 4),
        {
          ...{ kind: 'pool', name: 'p', inputs: ['data'], outputShape: [1, 3, 2], mode: 'max', rounding: 'floor' },
          ...{ size: [2, 2], stride: [2, 2], padding: [0, 2, 0, 0] },
        },
      ],
      ['shape', 'p'],
    ],
    [
      'unlike parts',
      [
        input(3, 2, 2),
        { kind: 'flatten', name: 'f', inputs: ['data'], outputShape: [12] },
        { kind: 'concat', name: 'c', inputs: ['data', 'f'], outputShape: [15] },
      ],
      ['shape', 'c'],
    ],
    [
      'an unknown kind',
      [input(1), { ...relu('a', ['data'], [1]), kind: 'lstm' } as unknown as Layer],
      ['unknown-kind', 'a'],
    ],
    [
      'a foreign layer',
      [input(1), { kind: 'foreign', operation: 'Einsum', name: 'a', inputs: ['data'], outputShape: [1] }],
      ['unknown-kind', 'a'],
    ],
  ])('%s', (_, layers, expected) => {
    expect(code(layers)).toEqual(expected);
  });

  test('weights that are absent or of another shape', () => {
    const layers = [input(3), dense(['data'])];
    expect(code(layers, new Map())).toEqual(['missing-weight', 'ip']);
    expect(code(layers, new Map([['ip/kernel', [3, 2]]]))).toEqual(['weight-shape', 'ip']);
    expect(code(layers)).toEqual(['none', '']);
  });

  test('a message says what was expected and what came', () => {
    const layers = [input(3), dense(['data'])];
    expect(() => planNetwork(layers, new Map([['ip/kernel', [3, 2]]]))).toThrow(
      'layer "ip": the kernel "ip/kernel" expected shape [2, 3], got [3, 2]',
    );
  });
});

test('layers come in any order, and what the last one does not need is left out', () => {
  const layers = [
    relu('b', ['a'], [2]),
    softmax('a', 'data', [2]),
    input(2),
    softmax('unused', 'b', [2]),
    relu('c', ['b'], [2]),
  ];
  expect(planNetwork(layers, new Map()).steps.map(({ layer }) => layer.name)).toEqual(['a', 'b']);
});

test('a network of twenty thousand layers in a row', () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `layer${i}`);
  const layers = [input(2), ...names.map((name, i) => softmax(name, i === 0 ? 'data' : names[i - 1]!, [2]))];
  expect(planNetwork(layers, new Map()).bytes).toBe(8);
});

test('three thousand layers that are all there together', () => {
  const names = Array.from({ length: 3000 }, (_, i) => `layer${i}`);
  const norm = { size: 1, alpha: 1, beta: 1, k: 1 };
  const fan = names.map((name): Layer => ({ kind: 'lrn', name, inputs: ['data'], outputShape: [1, 1, 1], ...norm }));
  const sum: Layer = { kind: 'add', name: 'sum', inputs: names, outputShape: [1, 1, 1] };
  const { bytes } = planNetwork([input(1, 1, 1), ...fan, sum], new Map());
  expect(bytes).toBe(64 * 3000 + 4);
});

test('concats of concats, twenty thousand deep', () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `layer${i}`);
  const layers = names.map(
    (name, i): Layer => ({ kind: 'concat', name, inputs: [names[i - 1] ?? 'data'], outputShape: [2] }),
  );
  const { steps, bytes } = planNetwork([input(2), ...layers], new Map());
  expect([steps.length, bytes]).toEqual([0, 8]);
});

const tenants = fc.array(
  fc
    .record({ bytes: fc.nat(300), first: fc.nat(10), length: fc.nat(5) })
    .map(({ bytes, first, length }) => ({ bytes, first, last: first + length })),
);
test('tenants that are there together do not overlap', () => {
  fc.assert(
    fc.property(tenants, (all) => {
      const { offsets, bytes } = arrange(all, 16);
      all.forEach((a, i) => {
        expect(offsets[i]! % 16).toBe(0);
        expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(bytes);
        for (let j = 0; j < i; j++) {
          const b = all[j]!;
          if (a.first > b.last || b.first > a.last) continue;
          expect(offsets[i]! >= offsets[j]! + b.bytes || offsets[j]! >= offsets[i]! + a.bytes).toBe(true);
        }
      });
    }),
  );
});

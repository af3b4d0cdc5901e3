import { checkModel, type Form } from '@pare/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkForm, denseValues, formsOf, hardForms } from './forms.ts';
import { hardModels, smallNetwork, smallNetworks, withValues } from './models.ts';
import { referenceForward } from './reference.ts';
import { difference, same } from './same.ts';

const kinds = ['dense', 'masked', 'shared'] as const;

describe('forms', () => {
  test.each(kinds)('the generated %s forms keep the promises of their kind', (kind) => {
    for (const { form, shape } of hardForms(kind)) checkForm(form, shape, kind);
    fc.assert(
      fc.property(formsOf(kind), ({ form, shape }) => checkForm(form, shape, kind)),
      { seed: 1 },
    );
  });

  test('are limited in magnitude when asked', () =>
    fc.assert(
      fc.property(formsOf('masked', { limit: 2 }), ({ form }) => denseValues(form).every((x) => Math.abs(x) <= 2)),
      { seed: 1 },
    ));

  test('checkForm notices a broken promise', () => {
    const mask = Uint8Array.of(1, 0);
    const broken: readonly [Form, string][] = [
      [{ kind: 'dense', values: new Float32Array(3) }, 'dense: values expected 2 for shape [2], got 3'],
      [{ kind: 'masked', values: Float32Array.of(1, 1), mask }, 'masked: mask 0, value 1 at index 1'],
      [
        { kind: 'shared', codebook: Float32Array.of(1), indices: Uint16Array.of(1, 0), mask },
        'shared: mask 1, index 1 of 1 at position 0',
      ],
    ];
    for (const [form, message] of broken) expect(() => checkForm(form, [2])).toThrow(message);
  });
});

describe('models', () => {
  test('the generated ones hang together', () => {
    for (const { value } of hardModels([...kinds])) checkModel(value);
    fc.assert(fc.property(smallNetworks([...kinds]), checkModel), { seed: 1, numRuns: 30 });
  });

  test('referenceForward computes a network by hand', () => {
    // All kernels 1, conv bias b: a 2×2 image of ones under a padded 3×3 window sums to 4 everywhere.
    let model = smallNetwork({ channels: 1, side: 2, filters: 1, hidden: 1, classes: 2 });
    for (const { name } of model.weights) model = withValues(model, name, () => (name.endsWith('kernel') ? 1 : 0.5));
    const beforeSoftmax = { ...model, layers: model.layers.slice(0, -1) };
    // conv 4.5, pool 4.5, ip1 5, ip2 5.5 twice
    expect([...referenceForward(beforeSoftmax, [1, 1, 1, 1])]).toEqual([5.5, 5.5]);
    expect([...referenceForward(model, [1, 1, 1, 1])]).toEqual([0.5, 0.5]);
  });
});

describe('difference', () => {
  test('names the place', () => {
    expect(difference({ a: [1, { b: Float32Array.of(1, 2) }] }, { a: [1, { b: Float32Array.of(1, 3) }] })).toBe(
      'value.a[1].b[1]: 2 became 3',
    );
    expect(difference(Float32Array.of(1), Float64Array.of(1))).toBe('value: Float32Array became Float64Array');
    expect(difference({ a: 1 }, { a: 1, b: 2 })).toBe('value.b: undefined became 2');
  });

  test('sees bits: the sign of zero differs, a NaN equals itself', () => {
    expect(same(Float32Array.of(0), Float32Array.of(-0))).toBe(false);
    expect(same(Float32Array.of(Number.NaN), Float32Array.of(Number.NaN))).toBe(true);
  });

  // fc.record makes such objects, and so did generators of plugins' forms: every comparison of theirs ended in a TypeError.
  test('takes an object without prototype for a plain one', () => {
    const bare = Object.assign(Object.create(null), { kind: 'signs', scale: 1 });
    expect(difference(bare, { kind: 'signs', scale: 1 })).toBe(undefined);
    expect(difference({ kind: 'signs', scale: 2 }, bare)).toBe('value.scale: 2 became 1');
    expect(difference(bare, [])).toBe('value: Object became Array');
  });
});

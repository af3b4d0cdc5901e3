import { describe, expect, test } from 'vitest';
import type { Model } from './model.ts';
import { biases, checkNames, kernels, type Selector, selectorText, selectWeights } from './select.ts';
import { denseWeight } from './weight.ts';

const model: Model = {
  layers: [
    { kind: 'input', name: 'data', inputs: [], outputShape: [2] },
    { kind: 'dense', name: 'ip', inputs: ['data'], outputShape: [1], units: 1, kernel: 'ip/kernel', bias: 'ip/bias' },
  ],
  weights: [denseWeight('ip/kernel', [1, 2], new Float32Array(2)), denseWeight('ip/bias', [1], new Float32Array(1))],
  history: [],
};
const nothing: Model = { layers: [], weights: [], history: [] };

describe('selectWeights', () => {
  const names = (selector?: Selector) =>
    selectWeights('prune', 'select', model, selector).map(({ weight }) => weight.name);

  test('lists what a selector takes, kernels without one', () => {
    expect(names()).toEqual(['ip/kernel']);
    expect(names(biases)).toEqual(['ip/bias']);
    expect(names('ip')).toEqual(['ip/kernel', 'ip/bias']);
    expect(names(/bias$/)).toEqual(['ip/bias']);
  });

  test('refuses a selector that takes nothing, but not a model without kernels', () => {
    expect(() => names('fc')).toThrow(RangeError);
    expect(() => names('fc')).toThrow('prune: "select" takes none of the weights: ip/kernel, ip/bias');
    expect(() => selectWeights('prune', 'select', nothing, biases)).toThrow('none of the weights: none');
    expect(selectWeights('prune', 'select', nothing)).toEqual([]);
  });
});

describe('selectorText', () => {
  test('tells selectors apart', () => {
    const small: Selector = ({ weight }) => weight.shape.length < 2;
    expect([kernels, biases, small, 'ip', /^ip/i].map((selector) => selectorText(selector))).toEqual([
      'kernels',
      'biases',
      'small',
      'ip',
      '/^ip/i',
    ]);
  });

  test('calls a function without a name of its own a function', () => {
    const written = { select: () => true };
    expect(selectorText(() => true)).toBe('function');
    expect(selectorText(written.select, 'select')).toBe('function');
  });
});

describe('checkNames', () => {
  test('lets weights and layers be named, and settings be plain', () => {
    for (const setting of [0.5, {}, { byName: { ip: 1, 'ip/bias': 2 } }]) {
      expect(() => checkNames('prune', 'keep', setting, model)).not.toThrow();
    }
  });

  test('refuses other names', () => {
    const message = 'prune: "keep.byName" names "fc", which is no weight or layer; weights: ip/kernel, ip/bias';
    expect(() => checkNames('prune', 'keep', { byName: { ip: 1, fc: 1 } }, model)).toThrow(message);
    expect(() => checkNames('prune', 'keep', { byName: { fc: 1 } }, model)).toThrow(RangeError);
  });
});

import { describe, expect, test } from 'vitest';
import { checkWeight, type Form, type Masked, type Shared, type Weight } from './weight.ts';

const masked: Masked = { kind: 'masked', values: Float32Array.of(0, 2, 0), mask: Uint8Array.of(0, 1, 1) };
const shared: Shared = {
  kind: 'shared',
  codebook: Float32Array.of(1, -0),
  indices: Uint16Array.of(1, 0, 0),
  mask: Uint8Array.of(1, 1, 0),
};
const weight = (form: Form): Weight => ({ name: 'w', shape: [3, 1], form });

describe('checkWeight', () => {
  test.each<[string, Form]>([
    ['both zeros and the ends of the range', { kind: 'dense', values: Float32Array.of(-0, 3.4e38, -1e-45) }],
    ['a kept zero', masked],
    ['a shared weight', shared],
    ['any index where nothing is kept', { ...shared, indices: Uint16Array.of(1, 0, 9) }],
    ['nothing kept of an empty codebook', { ...shared, codebook: new Float32Array(0), mask: new Uint8Array(3) }],
  ])('accepts %s', (_what, form) => {
    expect(() => checkWeight(weight(form))).not.toThrow();
  });

  test.each<[string, Form, string]>([
    ['too few numbers', { kind: 'dense', values: new Float32Array(2) }, '3 numbers, got 2'],
    ['NaN', { kind: 'dense', values: Float32Array.of(0, 1, Number.NaN) }, 'finite numbers, got NaN at index 2'],
    [
      'a pruned infinity',
      { ...masked, values: Float32Array.of(-Infinity, 2, 0) },
      'finite numbers, got -Infinity at index 0',
    ],
    ['a short mask', { ...masked, mask: new Uint8Array(2) }, '3 mask entries, got 2'],
    ['a mask of counts', { ...masked, mask: Uint8Array.of(0, 2, 1) }, 'a mask of 0 and 1, got 2 at index 1'],
    ['a pruned number', { ...masked, mask: new Uint8Array(3) }, '0 where its mask is 0, got 2 at index 1'],
    ['too many indices', { ...shared, indices: new Uint16Array(4) }, '3 indices, got 4'],
    ['a long mask', { ...shared, mask: new Uint8Array(4) }, '3 mask entries, got 4'],
    ['a shared mask of counts', { ...shared, mask: Uint8Array.of(1, 1, 255) }, 'a mask of 0 and 1, got 255 at index 2'],
    [
      'an infinite entry',
      { ...shared, codebook: Float32Array.of(1, Infinity) },
      'finite numbers, got Infinity at index 1 of its codebook',
    ],
    ['a kept index too large', { ...shared, indices: Uint16Array.of(1, 2, 0) }, 'indices < 2, got 2 at index 1'],
  ])('refuses %s', (_what, form, message) => {
    expect(() => checkWeight(weight(form))).toThrow(RangeError);
    expect(() => checkWeight(weight(form), 'encode')).toThrow(`encode: "w" expected ${message}`);
  });
});

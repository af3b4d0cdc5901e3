import { denseWeight, type Weight } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { sequence, withWeights } from './index.ts';

const layers = sequence(
  [2],
  [
    { kind: 'dense', name: 'ip1', units: 3 },
    { kind: 'dense', name: 'ip2', units: 1 },
  ],
);
const zeros = (name: string, ...shape: number[]): Weight =>
  denseWeight(name, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

describe('withWeights', () => {
  test('finds weights by their layer, however they are called, and brings them into order', () => {
    const read = [zeros('ip2_b', 1), zeros('ip2/weights', 1, 3), zeros('ip1/kernel', 3, 2), zeros('ip1.bias', 3)];
    const model = withWeights(layers, read, 'net');
    expect(model.name).toBe('net');
    expect(model.weights.map(({ name }) => name)).toEqual(['ip1/kernel', 'ip1/bias', 'ip2/kernel', 'ip2/bias']);
    expect(model.weights[0]).toBe(read[2]);
  });

  test('names what is absent, left over, or of the wrong shape', () => {
    const read = [zeros('ip1.weight', 3, 2), zeros('ip1.bias', 3), zeros('ip2.weight', 1, 3), zeros('ip2.bias', 1)];
    expect(() => withWeights(layers, read.slice(1))).toThrow(
      'expected the kernel of layer "ip1", named "ip1/kernel", got "ip1.bias", "ip2.weight", "ip2.bias"',
    );
    expect(() => withWeights(layers, [...read, zeros('ip3.weight', 1)])).toThrow('no layer takes "ip3.weight"');
    expect(() => withWeights(layers, [zeros('ip1.weight', 2, 3), ...read.slice(1)])).toThrow(
      '"ip1/kernel" expected shape [3, 2] for layer "ip1", got [2, 3]',
    );
  });
});

import { expect, test } from 'vitest';
import { operationEnergy, price } from './index.ts';

test('refuses counts that are no numbers ≥ 0, naming the layer', () => {
  for (const count of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const action = { action: 'mac', data: 'computation', level: 'alu', count } as const;
    expect(() => price('conv1', [action], { mac: 1 })).toThrow(/layer "conv1": "count" of "mac" expected a number ≥ 0/);
  }
});

test('an action that only all objects have is unknown too', () => {
  const action = { action: 'toString', data: 'other', level: 'alu', count: 1 } as const;
  expect(() => price('conv1', [action], { mac: 1 })).toThrow(/unknown action "toString"/);
});

test('energies between those of the chart: additions linear in bits, multiplications in their square', () => {
  expect(operationEnergy('int add', 4)).toBeCloseTo(0.015, 12);
  expect(operationEnergy('float multiply', 32)).toBe(3.7);
  expect(operationEnergy('int multiply', 4)).toBeCloseTo(0.05, 12);
  expect(() => operationEnergy('int add', 0)).toThrow(/"bits" expected 1 … 64, got 0/);
});

import { expectWhole, isObject, type JsonObject } from './json.ts';
import type { Activation } from './network.ts';
import type { Padding, Window } from './window.ts';

export function windowOf(config: JsonObject, where: string): Window {
  return {
    size: pairOf(config.kernel_size ?? 1, `${where}.config.kernel_size`),
    stride: pairOf(config.strides ?? 1, `${where}.config.strides`),
    dilation: pairOf(config.dilation_rate ?? 1, `${where}.config.dilation_rate`),
    padding: config.padding === 'same' ? 'same' : 'valid',
  };
}

export function pairOf(value: unknown, where: string): [number, number] {
  const [first, second] = Array.isArray(value) ? value : [value];
  const rows = expectWhole(first, where, 1);
  return [rows, second === undefined ? rows : expectWhole(second, where, 1)];
}

/** A number for all sides, one for rows and one for columns, or a pair for each. */
export function zerosOf(value: unknown, where: string): Padding {
  const [rows, columns] = Array.isArray(value) && value.length > 1 ? value : [value, value];
  const two = (side: unknown): [number, number] => {
    const [first, second] = Array.isArray(side) ? side : [side];
    const before = expectWhole(first, where);
    return [before, second === undefined ? before : expectWhole(second, where)];
  };
  return [...two(rows), ...two(columns)];
}

export const isOne = (value: unknown): boolean => value === undefined || value === null || value === 1;

/** A name, or an object that has one. */
export function activationName(value: unknown): string {
  const name = isObject(value) ? value.class_name : value;
  return typeof name === 'string' ? name.toLowerCase().replace(/[^a-z0-9]/g, '') : 'linear';
}

const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ['linear', { kind: 'linear' }],
  ['relu', { kind: 'relu' }],
  ['softmax', { kind: 'softmax' }],
  ...(['relu6', 'sigmoid', 'tanh', 'elu', 'swish', 'gelu'] as const).map((name): [string, Activation] => [
    name,
    { kind: 'activation', function: name },
  ]),
  ['hardsigmoid', { kind: 'activation', function: 'hardSigmoid', alpha: 0.2 }],
  ['silu', { kind: 'activation', function: 'swish' }],
  ['hardsilu', { kind: 'activation', function: 'hardSwish' }],
  ['hardswish', { kind: 'activation', function: 'hardSwish' }],
  // What Keras 3 calls hard_sigmoid; `keras/config.ts` tells the two apart.
  ['relu6sigmoid', { kind: 'activation', function: 'hardSigmoid', alpha: 1 / 6 }],
]);

export const activationOf = (name: string): Activation | undefined => ACTIVATIONS.get(name);

export function rectifierOf({ max_value: most, negative_slope: slope, threshold }: JsonObject): Activation | undefined {
  if (threshold !== undefined && threshold !== null && threshold !== 0) return undefined;
  const leaks = typeof slope === 'number' && slope !== 0;
  if (most === undefined || most === null) {
    return leaks ? { kind: 'activation', function: 'leakyRelu', alpha: slope } : { kind: 'relu' };
  }
  return most === 6 && !leaks ? { kind: 'activation', function: 'relu6' } : undefined;
}

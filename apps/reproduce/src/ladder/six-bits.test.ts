import { denseWeight, type Model, parametrizationOf } from '@pare/core';
import { builtinForms } from '@pare/tfjs';
import { expect, test } from 'vitest';
import { atMostValues } from './six-bits.ts';

const kernel = (name: string, values: number[]) => denseWeight(name, [1, values.length], Float32Array.from(values));
const valuesOf = ({ weights }: Model, i: number): number[] => {
  const { form } = weights[i]!;
  return [...parametrizationOf(form, builtinForms).toDense(form)];
};

test('rare values merge, zeros stay zero, and what has few values is left alone', () => {
  const common = Array.from({ length: 60 }, (_, i) => (i % 2 ? 1 : -1));
  const model: Model = {
    layers: [],
    weights: [
      kernel('few', [0, 1, 2]),
      kernel('many', [...common, 0, 5, 7]),
      denseWeight('bias', [4], Float32Array.of(1, 2, 3, 4)),
    ],
    history: [],
  };
  const { model: after, merged } = atMostValues(model, 3);
  expect(merged).toEqual([{ weight: 'many', values: 4 }]);
  expect(valuesOf(after, 0)).toEqual([0, 1, 2]);
  expect(valuesOf(after, 1)).toEqual([...common, 0, 6, 6]);
  expect(valuesOf(after, 2)).toEqual([1, 2, 3, 4]);
});

test('zero itself is not among the values that are counted', () => {
  const model: Model = { layers: [], weights: [kernel('three', [0, 1, 2, 3])], history: [] };
  expect(atMostValues(model, 3).merged).toEqual([]);
});

import { expect, test } from 'vitest';
import { freeName, freeNames } from './free-name.ts';

test('the first keeps its name, the others get numbers', () => {
  const free = freeNames('_', new Set(['b', 'b_2']));
  expect(['a', 'a', 'a', 'b', 'a_2'].map(free)).toEqual(['a', 'a_2', 'a_3', 'b_3', 'a_2_2']);
});

test('asking does not take', () => {
  const taken = new Set(['a']);
  const next = new Map<string, number>();
  expect([1, 2].map(() => freeName('a', taken, next, '~'))).toEqual(['a~2', 'a~2']);
});

test('of many that are equal none searches long', () => {
  let looks = 0;
  const taken = new Set<string>();
  const next = new Map<string, number>();
  const counting = { has: (name: string) => ++looks > 0 && taken.has(name) };
  for (let i = 0; i < 10_000; i++) taken.add(freeName('layer', counting, next, '~'));
  expect(taken.has('layer~10000')).toBe(true);
  expect(looks).toBeLessThan(40_000);
});

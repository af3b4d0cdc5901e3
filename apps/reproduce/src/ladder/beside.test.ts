import { expect, test } from 'vitest';
import { besideResults } from './beside.ts';

test('takes the longest committed run of each recipe, and leaves out what has none', () => {
  const found = besideResults(['lenet-300-100', 'lenet-300-100-best', 'none']);
  expect(found.map(({ recipe, mode }) => [recipe, mode])).toEqual([
    ['lenet-300-100', 'quick'],
    ['lenet-300-100-best', 'full'],
  ]);
  for (const { bytes, ratio, error } of found) {
    expect(Math.abs(bytes * ratio - 4 * 266_610)).toBeLessThan(1); // LeNet-300-100 has 266,610 parameters
    expect([error.before > 0, error.after < 0.02]).toEqual([true, true]);
  }
});

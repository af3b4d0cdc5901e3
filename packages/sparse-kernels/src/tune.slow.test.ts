import { expect, test } from 'vitest';
import { MEASURED } from './crossover.ts';
import { tune } from './tune.ts';

test('measures each kernel there is', () => {
  // A clock that ticks a millisecond whenever it is looked at: nothing is repeated, and all costs are equal.
  let time = 0;
  const costs = tune({ now: () => time++, rounds: 1 });
  expect(Object.keys(costs)).toEqual(Object.keys(MEASURED));
  for (const { perEntry, perLine } of Object.values(costs)) {
    expect(perEntry.every((cost) => cost > 0)).toBe(true);
    expect(perLine).toBeGreaterThanOrEqual(0);
  }
});

import { expect, test } from 'vitest';
import { fuzz } from '../scripts/fuzz/fuzz.ts';
import { targets } from '../scripts/fuzz/targets/index.ts';

/** Of the million that `pnpm fuzz` reads, in proportion. */
const RUNS = 3000;

const total = targets.reduce((sum, { weight }) => sum + weight, 0);

test.each(targets)('$name survives damaged bytes', async (target) => {
  const runs = Math.ceil((RUNS * target.weight) / total);
  const { failures, errors } = await fuzz(target, { seed: 1, from: 0, runs, now: () => 0 });
  expect(failures).toEqual([]);
  expect(Object.keys(errors).length).toBeGreaterThan(0);
});

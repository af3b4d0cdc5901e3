import { expect, test } from 'vitest';
import { decodeModel } from '../packages/format/src/index.ts';
import { fuzz } from '../scripts/fuzz/fuzz.ts';
import { bomb } from '../scripts/fuzz/targets/_files.ts';
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

test('a file of some dozen bytes that claims millions of numbers is refused by its limits', () => {
  const bytes = bomb(2 ** 22);
  expect(bytes.length).toBeLessThan(64);
  const limits = { elements: 2 ** 22 - 1 };
  const into = () => expect.unreachable();
  expect(() => decodeModel(bytes, { limits, dense: true, into })).toThrow(expect.objectContaining({ code: 'limit' }));
  expect(decodeModel(bytes, { limits: { elements: 2 ** 22 } }).weights[0]?.shape).toEqual([2 ** 22]);
});

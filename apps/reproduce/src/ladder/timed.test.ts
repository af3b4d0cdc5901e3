import { expect, test } from 'vitest';
import { timed } from './timed.ts';

test('counts the time that a core was busy, not the time that passed', async () => {
  const { made, seconds } = await timed(async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return 7;
  });
  expect(made).toBe(7);
  expect(seconds).toBeLessThan(0.3);
});

test('busy time counts', async () => {
  const { seconds } = await timed(async () => {
    const used = process.cpuUsage();
    while (process.cpuUsage(used).user < 50_000);
  });
  expect(seconds).toBeGreaterThan(0.04);
});

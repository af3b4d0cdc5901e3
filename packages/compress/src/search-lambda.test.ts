import { expect, test } from 'vitest';
import { searchLambda } from './search-lambda.ts';

const falling = { start: 1e-8, slope: -0.3, tolerance: 0.002, most: 12 };

test.each([1e-12, 1e-8, 3e-5])('finds the price %s at which a falling size just fits', async (right) => {
  const { within } = await searchLambda(
    async (lambda) => ({ excess: -0.25 * Math.log(lambda / right) - 0.01 * Math.sin(lambda * 1e9), made: lambda }),
    falling,
  );
  expect(within!.excess).toBeLessThanOrEqual(0);
  expect(within!.excess).toBeGreaterThan(-0.01);
  expect(within!.made).toBe(within!.lambda);
});

test('halves where only yes and no are known', async () => {
  const tried: number[] = [];
  const { within } = await searchLambda(
    async (lambda) => {
      tried.push(lambda);
      return { excess: lambda <= 0.37 ? -0.5 : 0.5, made: undefined };
    },
    { start: 0.1, slope: 1, tolerance: 0, most: 9 },
  );
  expect(within!.lambda).toBeLessThanOrEqual(0.37);
  expect(within!.lambda).toBeGreaterThan(0.3);
  expect(tried.length).toBeLessThanOrEqual(9);
});

test('says that nothing fits', async () => {
  const { within, last } = await searchLambda(async () => ({ excess: 1, made: 'much' }), falling);
  expect(within).toBeUndefined();
  expect(last.made).toBe('much');
});

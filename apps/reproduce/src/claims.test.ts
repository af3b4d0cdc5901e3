import { expect, test } from 'vitest';
import { judgeClaims } from './claims.ts';
import type { Claim } from './recipe.ts';

const error: Claim = {
  what: 'top-1 error',
  after: 'shared',
  published: 0.0158,
  bound: { atMost: 0.0164 },
  source: 'a table',
};
const ratio: Claim = { what: 'compression', published: 40, bound: { atLeast: 40 }, source: 'a table' };

test('a claim is met at its bound, and 164 of 10,000 are 1.64 %', () => {
  const measured = { compression: 40, 'top-1 error': 164 / 10_000, 'fewer weights': null };
  expect(judgeClaims([error, ratio], 'real', ({ what }) => measured[what]).map(({ met }) => met)).toEqual([true, true]);
});

test('a claim is missed beyond it', () => {
  const measured = { compression: 39.99, 'top-1 error': 165 / 10_000, 'fewer weights': null };
  expect(judgeClaims([error, ratio], 'real', ({ what }) => measured[what]).map(({ met }) => met)).toEqual([
    false,
    false,
  ]);
});

test('what was not measured is null, never the published value', () => {
  expect(judgeClaims([error], 'real', () => null)).toEqual([{ ...error, measured: null, met: null }]);
});

test('generated data meets no claim about real data', () => {
  expect(judgeClaims([ratio], 'generated', () => 50)).toEqual([{ ...ratio, measured: 50, met: null }]);
});

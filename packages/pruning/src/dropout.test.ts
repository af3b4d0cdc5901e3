import { expect, test } from 'vitest';
import { adjustedDropout } from './dropout.ts';

test('falls with the root of the connections', () => {
  expect(adjustedDropout(0.5, 235_200, 235_200)).toBe(0.5);
  expect(adjustedDropout(0.5, 400, 100)).toBe(0.25);
  expect(adjustedDropout(0.5, 400, 0)).toBe(0);
  expect(adjustedDropout(0, 400, 100)).toBe(0);
});

test('refuses what cannot be', () => {
  expect(() => adjustedDropout(1.5, 1, 1)).toThrow('"rate" expected 0 … 1, got 1.5');
  expect(() => adjustedDropout(0.5, 0, 0)).toThrow('"connectionsBefore" expected a count > 0, got 0');
  expect(() => adjustedDropout(0.5, 4, 5)).toThrow('"connectionsAfter" expected 0 … 4, got 5');
  expect(() => adjustedDropout(0.5, 4, Number.NaN)).toThrow('"connectionsAfter"');
});

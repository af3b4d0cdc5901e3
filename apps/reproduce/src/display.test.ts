import { expect, test } from 'vitest';
import { duration } from './display.ts';

test.each([
  [0, '0 s'],
  [75, '1 min 15 s'],
  [7260, '2 h 01 min'],
])('%d seconds are said as people do', (seconds, said) => {
  expect(duration(seconds)).toBe(said);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { geometricSchedule, polynomialSchedule } from './schedule.ts';

const options = fc
  .record({
    from: fc.double({ min: 0.01, max: 1, noNaN: true }),
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    rounds: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ from, share, rounds }) => ({ from, to: from * share, rounds }));

describe.each([
  ['polynomialSchedule', polynomialSchedule],
  ['geometricSchedule', geometricSchedule],
])('%s', (name, schedule) => {
  test('falls from below its start to exactly its end, and stays there', () =>
    fc.assert(
      fc.property(options, ({ from, to, rounds }) => {
        const keep = schedule({ from, to, rounds });
        const shares = Array.from({ length: rounds }, (_, round) => keep(round));
        // Rounding: a few units in the last place of a double.
        for (const [round, share] of shares.entries()) {
          expect(share).toBeLessThanOrEqual((shares[round - 1] ?? from) * (1 + 1e-15));
        }
        expect(shares.every((share) => share >= to * (1 - 1e-15))).toBe(true);
        expect(keep(rounds - 1)).toBe(to);
        expect(keep(rounds + 7)).toBe(to);
      }),
      { seed: 1 },
    ));

  test('refuses options outside their range', () => {
    expect(() => schedule({ to: 0, rounds: 1 })).toThrow(`${name}: "to" expected 0 < to ≤ 1, got 0`);
    expect(() => schedule({ from: 0.5, to: 0.6, rounds: 1 })).toThrow('"to" expected 0 < to ≤ 0.5, got 0.6');
    expect(() => schedule({ from: 2, to: 0.6, rounds: 1 })).toThrow('"from" expected 0 < from ≤ 1, got 2');
    expect(() => schedule({ to: 0.6, rounds: 1.5 })).toThrow('"rounds" expected a whole number ≥ 1, got 1.5');
    expect(() => schedule({ to: 0.6, rounds: 1 })(-1)).toThrow('"round" expected a whole number ≥ 0, got -1');
  });
});

test('the cubic schedule is the formula of Zhu and Gupta', () => {
  const keep = polynomialSchedule({ from: 0.8, to: 0.1, rounds: 4 });
  // s_t = s_f + (s_i − s_f)(1 − t)³ with s = 1 − keep, at t = 1/4: 0.9 + (0.2 − 0.9)·(3/4)³ = 0.6046875
  expect(1 - keep(0)).toBeCloseTo(0.6046875, 12);
});

test('the geometric schedule prunes the same share of what is left in each round', () => {
  const keep = geometricSchedule({ to: 1 / 64, rounds: 3 });
  expect([keep(0), keep(1), keep(2)]).toEqual([1 / 4, 1 / 16, 1 / 64].map((share) => expect.closeTo(share, 12)));
});

test('a polynomial of power 1 is a straight line; other powers must be positive', () => {
  expect(polynomialSchedule({ to: 0.5, rounds: 2, power: 1 })(0)).toBe(0.75);
  expect(() => polynomialSchedule({ to: 0.5, rounds: 2, power: 0 })).toThrow('"power" expected > 0, got 0');
});

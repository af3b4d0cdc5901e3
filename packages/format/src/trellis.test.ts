import { expect, test } from 'vitest';
import { afterZeros, followsTrellis, TRELLIS_NEXT } from './trellis.ts';

test('states after zeros repeat with period 4', () => {
  for (let state = 0; state < 8; state++) {
    let stepped = state;
    for (let count = 0; count < 20; count++) {
      expect(afterZeros(state, count)).toBe(stepped);
      stepped = TRELLIS_NEXT[2 * stepped]!;
    }
  }
});

test('each state has two successors and two predecessors, one by either parity of the quantiser that led there', () => {
  const into = Array.from({ length: 8 }, () => [] as number[]);
  for (const [edge, to] of TRELLIS_NEXT.entries()) into[to]!.push(edge);
  for (const edges of into) expect(edges).toHaveLength(2);
  for (let state = 0; state < 8; state++) expect(TRELLIS_NEXT[2 * state]).not.toBe(TRELLIS_NEXT[2 * state + 1]);
});

test('levels follow the trellis if each belongs to the quantiser that holds', () => {
  expect(followsTrellis(new Int32Array(0))).toBe(true);
  expect(followsTrellis(new Int32Array(100))).toBe(true);
  expect(followsTrellis(Int32Array.of(2, 0, -1))).toBe(true); // states 0, 2, 1: Q0, Q0, Q1
  expect(followsTrellis(Int32Array.of(2, 0, -2))).toBe(false);
  expect(followsTrellis(Int32Array.of(1))).toBe(false); // it begins with Q0
});

test('each column of a matrix has its own machine', () => {
  const levels = Int32Array.of(2, 4, 0, 0, -1, 5); // 2, 0, −1 follow; 4, 0, 5 do not: states 0, 0, 0
  expect(followsTrellis(levels, 3)).toBe(false);
  expect(followsTrellis(levels.with(5, 6), 3)).toBe(true);
  expect(followsTrellis(levels.with(5, 6), 2)).toBe(false);
  expect(followsTrellis(Int32Array.of(2, -8, 0), 1)).toBe(true); // a single row has Q0 only
  expect(() => followsTrellis(levels, 4)).toThrow('"rows" expected a divisor of 6, got 4');
});

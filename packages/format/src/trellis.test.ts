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

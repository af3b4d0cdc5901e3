import { describe, expect, test } from 'vitest';
import { choose } from './judge.ts';

const network = (phase: string, fileBytes: number, validationError: number) => ({ phase, fileBytes, validationError });
const measured = [network('dense', 1000, 0.006), network('shared', 50, 0.007), network('further', 30, 0.009)];

describe('the final network', () => {
  test('is that of the last phase', () => {
    expect(choose(measured, {}).phase).toBe('further');
  });

  test('is the smallest file that loses no more than allowed on held-back examples', () => {
    const among = ['shared', 'further'];
    expect(choose(measured, { final: { among, heldBackRiseAtMost: 0.002 } }).phase).toBe('shared');
    expect(choose(measured, { final: { among, heldBackRiseAtMost: 0.003 } }).phase).toBe('further');
  });

  test('is the one with the least held-back error where none is within', () => {
    const among = ['shared', 'further'];
    expect(choose(measured, { final: { among, heldBackRiseAtMost: 0 } }).phase).toBe('shared');
  });
});

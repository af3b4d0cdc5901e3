import { describe, expect, test } from 'vitest';
import { seededRandom, threefry2x32 } from './random.ts';

describe('threefry2x32', () => {
  // The authors' known-answer vectors for 20 rounds (Random123, kat_vectors): counter, key → result.
  test.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x243f6a88, 0x85a308d3],
      [0x13198a2e, 0x03707344],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as const)('agrees with the published vector for counter %j', ([c0, c1], [k0, k1], expected) => {
    expect([...threefry2x32(k0, k1, c0, c1)]).toEqual(expected);
  });
});

describe('seededRandom', () => {
  test('gives the same stream for the same seed, another for another', () => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed).uint32);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(2 ** 32 + 1)).not.toEqual(draw(1)); // the upper bits of the seed count
  });

  test('forks by label, not by how much has been drawn', () => {
    const parent = seededRandom(1);
    const before = parent.fork('conv1').uint32();
    parent.uint32();
    expect(parent.fork('conv1').uint32()).toBe(before);
    expect(parent.fork('conv2').uint32()).not.toBe(before);
    expect(parent.fork(1).uint32()).not.toBe(parent.fork('1').uint32());
  });

  test('draws floats below 1 with the mean and variance of an even distribution', () => {
    const random = seededRandom(3);
    const draws = Array.from({ length: 10_000 }, random.float);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.0145); // 5 standard errors: 5 · √(1/12 / 10,000)
  });

  test('draws whole numbers evenly', () => {
    const random = seededRandom(4);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 6000; i++) counts[random.integer(6)]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(145); // 5 · √(6000 · 1/6 · 5/6)
  });

  test('draws normals of mean 0 and variance 1', () => {
    const random = seededRandom(5);
    const draws = Array.from({ length: 10_000 }, random.normal);
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(variance - 1)).toBeLessThan(0.071); // 5 · √(2 / 10,000)
  });

  test('shuffles into a permutation', () => {
    const items = Uint32Array.from({ length: 100 }, (_, i) => i);
    const shuffled = seededRandom(6).shuffle(items.slice());
    expect([...shuffled]).not.toEqual([...items]);
    expect([...shuffled].sort((a, b) => a - b)).toEqual([...items]);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses the seed %d', (seed) => {
    expect(() => seededRandom(seed)).toThrow('seededRandom: "seed" expected a whole number');
  });

  test('refuses a bound of 0', () => {
    expect(() => seededRandom(1).integer(0)).toThrow('integer: "bound" expected 1 … 2^32, got 0');
  });
});

import { expect, test } from 'vitest';
import type { BitCoder } from './bit-coder.ts';
import { AdaptiveBits, Mixture, SQUASH, STRETCH } from './mixture.ts';

test('no table entry is near a rounding tie, so every engine’s log and exp give the same tables', () => {
  // Engines differ by a few units of 2⁻⁵³; 10⁻⁶ is far above 65536 times that.
  const tie = (value: number): number => Math.abs(value - Math.floor(value) - 0.5);
  for (let i = 0; i < 4096; i++) {
    expect(tie(256 * Math.log((i + 0.5) / (4095.5 - i)))).toBeGreaterThan(1e-6);
    expect(tie(65536 / (1 + Math.exp((2048 - i) / 256)))).toBeGreaterThan(1e-6);
  }
});

test('squash undoes stretch', () => {
  for (let i = 8; i < 4088; i++) {
    const back = SQUASH[STRETCH[i]! + 2048]! / 16;
    // A step of 1/256 in the logit is p·(1 − p)/256 in p, half of which is lost to rounding: under 4096/2048 units.
    expect(Math.abs(back - i - 0.5)).toBeLessThan(2.1);
  }
});

/** Adds up what bits cost. */
const counting = (): BitCoder & { bits: number } => ({
  bits: 0,
  code(bit, probability) {
    this.bits -= Math.log2((bit ? probability : 65536 - probability) / 65536);
    return bit;
  },
  fail(code) {
    throw new Error(code);
  },
});

test('a mixture finds out which of its tables knows the answer', () => {
  const mixture = new Mixture([1, 2], [40, 40]);
  const coder = counting();
  for (let i = 0; i < 1000; i++) {
    mixture.slots[1] = (i * 7 + (i >> 3)) & 1;
    mixture.code(coder, mixture.slots[1]!);
  }
  expect(coder.bits).toBeLessThan(40); // of 1000
});

test('adaptive bits cost their entropy and the price of learning', () => {
  const bits = new AdaptiveBits(1);
  const coder = counting();
  for (let i = 0; i < 1000; i++) bits.code(coder, 0, i % 10 === 0 ? 1 : 0);
  expect(coder.bits).toBeLessThan(1000 * 0.469 + 10); // H(0.1) = 0.469
});

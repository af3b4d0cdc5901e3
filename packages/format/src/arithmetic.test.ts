import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArithmeticDecoder } from './arithmetic-decode.ts';
import { ArithmeticEncoder } from './arithmetic-encode.ts';

const steps = fc.array(
  fc.record({
    bit: fc.integer({ min: 0, max: 1 }),
    probability: fc.oneof(fc.constantFrom(1, 16, 32768, 65520, 65535), fc.integer({ min: 1, max: 65535 })),
  }),
  { maxLength: 400 },
);

function encode(given: readonly { bit: number; probability: number }[]): Uint8Array {
  const encoder = new ArithmeticEncoder();
  for (const { bit, probability } of given) encoder.code(bit, probability);
  return encoder.finish();
}

test('nothing takes no bytes; eight even bits take one', () => {
  expect(encode([])).toHaveLength(0);
  expect(encode([0, 1, 0, 1, 1, 0, 1, 0].map((bit) => ({ bit, probability: 32768 })))).toHaveLength(1);
});

test('decode ∘ encode is the identity, and the end is known exactly', () =>
  fc.assert(
    fc.property(steps, (given) => {
      const decoder = new ArithmeticDecoder(encode(given));
      for (const { bit, probability } of given) expect(decoder.code(0, probability)).toBe(bit);
      decoder.expectEnd();
    }),
    { seed: 1, numRuns: 300 },
  ));

test('takes the information of the bits, and at most a byte more', () =>
  fc.assert(
    fc.property(steps, (given) => {
      const bits = given.reduce(
        (sum, { bit, probability }) => sum - Math.log2((bit ? probability : 65536 - probability) / 65536),
        0,
      );
      // The interval is rounded by at most 2⁻⁸ of itself at each of 400 steps, when it is at its smallest and p is extreme.
      expect(encode(given).length).toBeLessThanOrEqual(Math.ceil(bits / 8 + 0.01 * given.length) + 1);
    }),
    { seed: 2, numRuns: 200 },
  ));

test('carries run through any number of 0xff', () => {
  // Zeros of probability 1 − 2⁻¹⁶ push low up to the edge; a one then decides without a carry, a zero with one.
  for (const tail of [0, 1]) {
    const given = [
      ...Array.from({ length: 4000 }, (_, i) => ({ bit: i % 17 === 0 ? 1 : 0, probability: 1 })),
      { bit: tail, probability: 65535 },
    ];
    const decoder = new ArithmeticDecoder(encode(given));
    for (const { bit, probability } of given) expect(decoder.code(0, probability)).toBe(bit);
    decoder.expectEnd();
  }
});

test('refuses anything after the end, and notices an early end', () =>
  fc.assert(
    fc.property(steps, fc.uint8Array({ minLength: 1, maxLength: 6 }), (given, tail) => {
      const bytes = encode(given);
      const decoder = new ArithmeticDecoder(Uint8Array.of(...bytes, ...tail));
      expect(() => {
        for (const { bit, probability } of given) expect(decoder.code(0, probability)).toBe(bit);
        decoder.expectEnd();
      }).toThrow();
      const early = new ArithmeticDecoder(new Uint8Array(0));
      expect(() => {
        for (let i = 0; i < 100; i++) early.code(0, 32768);
      }).toThrow(/ends early/);
    }),
    { seed: 3 },
  ));

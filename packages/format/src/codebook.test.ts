import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArithmeticDecoder } from './arithmetic-decode.ts';
import { ArithmeticEncoder } from './arithmetic-encode.ts';
import { canonicalShared } from './canonical-codebook.ts';
import { codeCodebook } from './codebook.ts';
import { bitsOf, mantissaBits, toFloat16 } from './float-bits.ts';
import { planCodebook } from './plan-codebook.ts';

const sorted = (codebook: Float32Array): Float32Array =>
  canonicalShared({
    kind: 'shared',
    codebook,
    indices: Uint16Array.from(codebook.keys()),
    mask: new Uint8Array(codebook.length).fill(1),
  }).codebook;

function bytesOf(codebook: Float32Array): Uint8Array {
  const encoder = new ArithmeticEncoder();
  codeCodebook(encoder, 65536, planCodebook(codebook));
  return encoder.finish();
}

test('a codebook of any float32 comes back to the bit', () =>
  fc.assert(
    fc.property(fc.float32Array({ maxLength: 40 }), (values) => {
      const codebook = sorted(values);
      const decoded = codeCodebook(new ArithmeticDecoder(bytesOf(codebook)), 65536);
      expect([...bitsOf(decoded)]).toEqual([...bitsOf(codebook)]);
    }),
    { seed: 1, numRuns: 300 },
  ));

test('float16 values take less than float32, multiples of a step less still', () => {
  const values = Float32Array.from({ length: 16 }, (_, i) => (i - 7.5) * 0.0371 + 0.003 * Math.sin(i * i));
  const halves = values.map(toFloat16);
  const steps = values.map((_, i) => Math.fround(0.0371) * (i < 8 ? i - 8 : i - 7));
  expect(bytesOf(sorted(halves)).length).toBeLessThan(0.65 * bytesOf(sorted(values)).length);
  expect(bytesOf(sorted(steps)).length).toBeLessThan(10);
});

test('finds the step of multiples rounded to float32, also when the smallest is not one step', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 22 }),
      fc.uniqueArray(fc.integer({ min: 3, max: 200 }), { minLength: 2 }),
      (n, levels) => {
        const step = Math.fround(n / 2 ** 24);
        const plan = planCodebook(sorted(Float32Array.from([3, ...levels], (level) => level * step)));
        expect(plan.uniform ?? levels.length < 4).toBeTruthy(); // a short list may be smaller by itself
      },
    ),
    { seed: 2 },
  ));

test('rounds to float16 as the format says', () => {
  expect([0, -0, 1, 65504, 65519, 65520, 1e9, -1e9, 2 ** -24, 2 ** -25, 3 * 2 ** -25].map(toFloat16)).toEqual([
    0,
    -0,
    1,
    65504,
    65504,
    65504,
    65504,
    -65504,
    2 ** -24,
    0,
    2 ** -23,
  ]);
  fc.assert(
    fc.property(fc.float({ noNaN: true, min: Math.fround(-60000), max: 60000 }), (value) => {
      const half = toFloat16(value);
      expect(Math.fround(half)).toBe(half);
      expect(mantissaBits(Float32Array.of(half))).toBeLessThanOrEqual(10);
      expect(Math.abs(half - value)).toBeLessThanOrEqual(Math.max(2 ** -25, Math.abs(value) * 2 ** -11));
    }),
    { seed: 3 },
  );
});

test('sorts, drops what is unused and joins what is equal, but keeps −0 from 0', () => {
  const form = canonicalShared({
    kind: 'shared',
    codebook: Float32Array.of(3, 9, 0, -0, 3, -1),
    indices: Uint16Array.of(0, 2, 3, 4, 5, 0),
    mask: Uint8Array.of(1, 1, 1, 1, 1, 0),
  });
  expect(form.codebook).toEqual(Float32Array.of(-1, -0, 0, 3));
  expect([...form.indices]).toEqual([3, 2, 1, 3, 0, 0]);
});

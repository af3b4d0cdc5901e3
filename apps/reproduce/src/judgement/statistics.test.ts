import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareAnswers, outcomeCounts, pairedInterval } from './statistics.ts';

// Three images, three classes; the original is right about the first two.
const original = Float32Array.of(5, 0, 0, 0, 5, 0, 0, 5, 0);
const labels = Uint16Array.of(0, 1, 2);

test('counts what is right, image by image', () => {
  const ours = Float32Array.of(5, 0, 0, 5, 0, 0, 0, 0, 5); // right, wrong, right
  const { accuracy, agreement, count } = compareAnswers(ours, original, labels, 3);
  expect(count).toBe(3);
  expect(accuracy).toMatchObject({ top1: 2 / 3, top5: 1, original: { top1: 2 / 3, top5: 1 }, outcomes: '312' });
  expect(accuracy?.drop.value).toBe(0);
  expect(agreement).toBe(1 / 3);
});

test('the divergence is that of a computation by hand', () => {
  // p = (¾, ¼), q = (½, ½): ¾·ln(3/2) + ¼·ln(1/2)
  const { divergence } = compareAnswers(Float32Array.of(7, 7), Float32Array.of(Math.log(3), 0), undefined, 1);
  expect(divergence).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6); // logits are float32
});

test('equal networks agree, lose nothing, and do not diverge', () => {
  const { agreement, divergence, accuracy } = compareAnswers(original, original, labels, 3);
  expect([agreement, divergence, accuracy?.drop.value]).toEqual([1, 0, 0]);
});

test('without labels there is no accuracy', () => {
  expect(compareAnswers(original, original, undefined, 3).accuracy).toBeNull();
});

test('of equal logits the smaller class comes first', () => {
  const flat = new Float32Array(8);
  const { accuracy } = compareAnswers(flat, flat, Uint16Array.of(4), 1);
  expect([accuracy?.top1, accuracy?.top5]).toEqual([0, 1]);
  expect(compareAnswers(flat, flat, Uint16Array.of(5), 1).accuracy?.top5).toBe(0);
});

test('the divergence is never negative, and shifting all logits of an image changes nothing', () => {
  const row = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(row, row, fc.integer({ min: -100, max: 100 }), (a, b, shift) => {
      const of = (x: number[], y: number[]) => compareAnswers(Float32Array.from(x), Float32Array.from(y), undefined, 1);
      const plain = of(a, b).divergence;
      const shifted = of(
        a.map((value) => value + shift),
        b,
      ).divergence;
      expect(plain).toBeGreaterThanOrEqual(0);
      expect(Math.abs(plain - shifted)).toBeLessThan(1e-9 * (1 + plain));
    }),
  );
});

test('the interval holds the difference, is symmetric in its arguments, and shrinks with images', () => {
  const { value, low, high } = pairedInterval(12, 5, 700);
  expect(value).toBe(0.01);
  // p = 13/702, q = 6/702: 7/702 ∓ 1.959964·√((19/702 − (7/702)²)/702)
  expect(low).toBeCloseTo(7 / 702 - 1.959964 * Math.sqrt((19 / 702 - (7 / 702) ** 2) / 702), 12);
  expect([low < value, value < high]).toEqual([true, true]);
  const mirrored = pairedInterval(5, 12, 700);
  expect([mirrored.low, mirrored.high]).toEqual([-high, -low]);
  const wider = pairedInterval(0, 0, 70);
  expect(wider.high).toBeGreaterThan(0); // no image of 70 differs: the difference may still not be zero
  expect(pairedInterval(0, 0, 700).high).toBeLessThan(wider.high);
});

test('outcomes are counted by digit', () => {
  expect(outcomeCounts('330123')).toEqual([1, 1, 1, 3]);
  expect(outcomeCounts('')).toEqual([0, 0, 0, 0]);
});

test('what does not fit together is refused', () => {
  expect(() => compareAnswers(original, original.subarray(3), labels, 3)).toThrow('equal length');
  expect(() => compareAnswers(original, original, labels.subarray(1), 3)).toThrow('"labels" expected 3, got 2');
  expect(() => compareAnswers(original, original, Uint16Array.of(0, 1, 3), 3)).toThrow('label 3 expected below 3');
  expect(() => compareAnswers(Float32Array.of(Number.NaN, 0), Float32Array.of(0, 0), undefined, 1)).toThrow('image 0');
});

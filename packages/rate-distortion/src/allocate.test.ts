import { seededRandom } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { allocate, type Tensor } from './allocate.ts';

const random = seededRandom(5);
const tensor = (name: string, count: number, scale: number): Tensor => ({
  name,
  values: Float32Array.from({ length: count }, () => scale * random.normal()),
});
const tensors = [tensor('a', 4000, 1), tensor('b', 1000, 0.1), tensor('c', 50, 3)];
const errorOf = ({ values }: Tensor, { levels, step }: { levels: Int32Array; step: number }) =>
  values.reduce((sum, value, i) => sum + (value - step * levels[i]!) ** 2, 0);
const energyOf = ({ values }: Tensor) => values.reduce((sum, value) => sum + value * value, 0);

describe('an error', () => {
  test.each([1e-5, 1e-3, 0.03, 0.5])('of %s is kept, and nearly used up', (error) => {
    const made = allocate(tensors, { error });
    const real = tensors.reduce((sum, each, i) => sum + errorOf(each, made.tensors[i]!) / energyOf(each), 0);
    expect(real).toBeLessThanOrEqual(error * (1 + 1e-6));
    expect(real).toBeGreaterThan(error * 0.9);
    expect(made.error).toBeCloseTo(real, 6);
  });

  test('that is larger takes fewer bits', () => {
    let before = Infinity;
    for (const error of [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]) {
      const { bits } = allocate(tensors, { error });
      expect(bits).toBeLessThan(before);
      before = bits;
    }
  });

  test('in absolute terms makes one step for all', () => {
    const { tensors: made } = allocate(tensors.slice(0, 2), { error: 1 }, { distortion: 'absolute', slope: 0 });
    expect(made[0]!.step / made[1]!.step).toBeCloseTo(1, 1);
  });

  test('counts more where it matters more', () => {
    const important = [tensors[0]!, { ...tensors[0]!, importance: 100 }];
    const { tensors: made } = allocate(important, { error: 0.1 });
    expect(made[0]!.step / made[1]!.step).toBeCloseTo(10, 0);
  });
});

describe('a size', () => {
  test.each([500, 3000, 20_000])('of %s bits is kept, and nearly used up', (bits) => {
    const made = allocate(tensors, { bits });
    expect(made.bits).toBeLessThanOrEqual(bits);
    expect(made.bits).toBeGreaterThan(bits * 0.9);
  });

  test('in bytes is what is said of the result', () => {
    const sizes: number[] = [];
    const made = allocate(tensors, {
      bytes: 2000,
      sizeOf: (all) => {
        sizes.push(100 + Math.round(all.reduce((sum, { bits }) => sum + bits, 0) / 7)); // another coder, with a header
        return sizes.at(-1)!;
      },
    });
    expect(made.bytes).toBeLessThanOrEqual(2000);
    expect(made.bytes).toBeGreaterThan(1980);
    expect(sizes).toContain(made.bytes);
    expect(sizes.length).toBeLessThan(12);
  });

  test('too small for anything is refused with what is possible', () => {
    expect(() => allocate(tensors, { bytes: 50, sizeOf: () => 70 })).toThrow(
      'allocate: "bytes" expected at least 70, the smallest possible, got 50',
    );
  });
});

test('no tensors, zeros and constants are no trouble', () => {
  expect(allocate([], { error: 1 })).toMatchObject({ tensors: [], error: 0, bits: 0 });
  const zeros: Tensor = { name: 'zeros', values: new Float32Array(10) };
  expect(allocate([zeros], { error: 1e-9 }).error).toBe(0);
  expect(allocate([zeros], { bits: 1 }).bits).toBe(0);
  const constant: Tensor = { name: 'constant', values: new Float32Array(100).fill(0.3) };
  expect(allocate([constant], { error: 1e-6 }).error).toBeLessThanOrEqual(1e-6);
});

test('large tensors are searched on samples and kept exactly', () => {
  const large = { ...tensor('large', 270_000, 1), trellis: true, rows: 270 };
  const made = allocate([large], { error: 0.001 });
  expect(errorOf(large, made.tensors[0]!) / energyOf(large)).toBeLessThanOrEqual(0.001);
  const rows = { ...large, trellis: false, rowImportance: Float32Array.from({ length: 270 }, (_, i) => 1 + (i % 2)) };
  expect(allocate([rows], { error: 0.001 }).error).toBeLessThanOrEqual(0.001);
});

test('stops when told to, and says how often it tried', () => {
  const controller = new AbortController();
  const tries: number[] = [];
  expect(() =>
    allocate(
      tensors,
      { error: 0.01 },
      {
        signal: controller.signal,
        onTry: (count) => {
          tries.push(count);
          controller.abort(new Error('enough'));
        },
      },
    ),
  ).toThrow('enough');
  expect(tries).toEqual([1]);
});

test('refuses what is out of range', () => {
  const bad: Tensor = { name: 'ip', values: Float32Array.of(1, Number.NaN) };
  expect(() => allocate([bad], { error: 1 })).toThrow('allocate: "ip" expected finite numbers, got NaN at index 1');
  expect(() => allocate(tensors, { error: 0 })).toThrow('allocate: "error" expected a finite number > 0, got 0');
  expect(() => allocate([{ ...tensors[0]!, importance: 0 }], { error: 1 })).toThrow('"importance" of "a"');
  expect(() => allocate([{ ...tensors[0]!, rowImportance: new Float32Array(3) }], { error: 1 })).toThrow(
    '"rowImportance" of "a" expected a number for each of its rows, got 3 for 4000 numbers',
  );
  expect(() => allocate([{ ...tensors[0]!, rows: 3 }], { error: 1 })).toThrow(
    'allocate: "rows" of "a" expected a divisor of 4000, got 3',
  );
  const twoRows = { ...tensors[0]!, rows: 2, rowImportance: new Float32Array(4) };
  expect(() => allocate([twoRows], { error: 1 })).toThrow(
    '"rowImportance" of "a" expected a number for each of 2 rows',
  );
});

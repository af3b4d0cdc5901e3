import { seededRandom } from '@pare/core';
import { describe, expect, test, vi } from 'vitest';
import { type FeedbackWorkspace, plainWorkspace } from './feedback-workspace.ts';
import { wasmWorkspace } from './wasm-workspace.ts';

const random = seededRandom(1);
const normal = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());

/** The same numbers in both: moments of as many inputs as columns, and a ridge. */
function filled(groups: number, columns: number, rows: number): [FeedbackWorkspace, FeedbackWorkspace] {
  const spaces = [plainWorkspace(groups, columns, rows), wasmWorkspace(groups, columns, rows)!] as const;
  for (let group = 0; group < groups; group++) {
    const x = normal(columns * columns);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = i === j ? 0.1 : 0;
        for (let k = 0; k < columns; k++) sum += (x[i * columns + k]! * x[j * columns + k]!) / columns;
        for (const { factors, size } of spaces) {
          factors[group]![i * size + j] = sum;
          factors[group]![j * size + i] = sum;
        }
      }
    }
    for (const { factors, size } of spaces) for (let i = columns; i < size; i++) factors[group]![i * size + i] = 1;
  }
  const w = normal(columns * rows);
  for (const space of spaces) {
    for (let i = 0; i < columns; i++) space.w.set(w.subarray(i * rows, (i + 1) * rows), i * space.width);
  }
  return [...spaces];
}

/** max |a − b| over so many rows and columns, for the upper half or all. */
function difference(
  a: Float32Array,
  aWidth: number,
  b: Float32Array,
  bWidth: number,
  rows: number,
  columns: number,
  upper = false,
): number {
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = upper ? i : 0; j < columns; j++) {
      const distance = Math.abs(a[i * aWidth + j]! - b[i * bWidth + j]!);
      if (!(distance <= largest)) largest = distance;
    }
  }
  return largest;
}

describe.each([
  [1, 1, 1],
  [1, 31, 5],
  [1, 32, 16],
  [1, 33, 17],
  [2, 64, 40],
  [1, 100, 7],
  [3, 130, 20],
  [1, 300, 33],
])('in WebAssembly as in JavaScript: %i groups, %i columns, %i rows', (groups, columns, rows) => {
  const [plain, wasm] = filled(groups, columns, rows);
  // Sums of float32: columns · 2⁻²⁴ of what is added, of size 1 to 3; U is as large as 1/√0.1, and its condition multiplies.
  const tolerance = 60 * columns * 2 ** -24;

  test('the inverse factor', () => {
    for (let group = 0; group < groups; group++) {
      plain.invert(group);
      wasm.invert(group);
      const [a, b] = [plain.factors[group]!, wasm.factors[group]!];
      expect(difference(a, plain.size, b, wasm.size, columns, columns, true)).toBeLessThan(tolerance);
      for (let i = columns; i < wasm.size; i++) {
        expect(b[i * wasm.size + i]).toBe(1);
        for (let j = 0; j < columns; j++) expect(Math.abs(b[j * wasm.size + i]!)).toBe(0);
      }
    }
  });

  test('what is fed back', () => {
    for (let first = 0; first < columns; first += 32) {
      for (const space of [plain, wasm]) {
        space.feedBlock(groups - 1, first);
        for (let j = first; j < Math.min(columns, first + 32); j++) space.feedColumn(groups - 1, first, j);
        // What is left of a column is small again.
        for (let at = first * space.width; at < Math.min(columns, first + 32) * space.width; at++) space.w[at]! *= 0.1;
      }
    }
    expect(difference(plain.w, plain.width, wasm.w, wasm.width, columns, rows)).toBeLessThan(tolerance);
    expect(wasm.w.subarray(columns * wasm.width).every((value) => value === 0)).toBe(true);
  });
});

test('a matrix that is not definite is refused by both with the same words', () => {
  for (const make of [plainWorkspace, wasmWorkspace]) {
    const { factors, size, invert } = make(1, 40, 1)!;
    for (let i = 0; i < size; i++) factors[0]![i * size + i] = i === 35 || i === 3 ? -2 : 1;
    expect(() => invert(0)).toThrow(
      new RangeError('inverseFactorInPlace: "matrix" expected a positive definite one, got -2 at column 35'),
    );
  }
});

test('more memory than there can be is not had', () => {
  expect(wasmWorkspace(2, 30_000, 1)).toBe(undefined);
});

test('where WebAssembly is not allowed there is none, and JavaScript does it', async () => {
  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  try {
    expect((await import('./wasm-workspace.ts')).wasmWorkspace(1, 40, 1)).toBe(undefined);
    const { feedbackPlan } = await import('./error-feedback.ts');
    const identity = Float32Array.from({ length: 1600 }, (_, at) => (at % 41 === 0 ? 1 : 0));
    const curvature = { matrix: identity, importance: Float32Array.of(1), groups: 1 };
    const { levels } = feedbackPlan(new Float32Array(40).fill(2), curvature).quantize(1e-9, { step: 1 });
    expect([...levels]).toEqual(Array.from({ length: 40 }, () => 2));
  } finally {
    vi.unstubAllGlobals();
  }
});

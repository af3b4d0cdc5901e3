import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numbers, reference, sparseNumbers } from '../test/numbers.ts';
import { bucketedColumnsTimesVector, toBucketedColumns } from './bucketed-columns.ts';
import { bucketedRowsTimesVector, toBucketedRows } from './bucketed-rows.ts';
import { clip } from './clip.ts';
import { type CodedCsr, type Csr, csrTimesVector, toCsr, withCodes } from './csr.ts';
import type { Bounds } from './dense/shapes.ts';
import { createKernels, type Kernels } from './kernels.ts';
import { type Relative, relativeTimesVector, toRelative } from './relative.ts';
import { sparseVector, type VectorFormat } from './sparse-vector.ts';

type Plain = (matrix: never, x: Float32Array, bias?: Float32Array, bounds?: Bounds) => Float32Array;
/** Each format: from what it is made, and its plain twin; how many values there may be. */
const formats: Readonly<Record<string, [to: (csr: CodedCsr) => VectorFormat, plain: Plain, kinds: number]>> = {
  CSR: [(csr) => csr, csrTimesVector, 0],
  'CSR, 32 bits': [(csr) => ({ ...csr, indices: Uint32Array.from(csr.indices) }), csrTimesVector, 0],
  'bucketed rows': [toBucketedRows, bucketedRowsTimesVector, 15],
  'bucketed rows, many values': [toBucketedRows, bucketedRowsTimesVector, 255],
  'bucketed columns': [toBucketedColumns, bucketedColumnsTimesVector, 15],
  'bucketed columns, many values': [toBucketedColumns, bucketedColumnsTimesVector, 255],
  ...relatives('rows'),
  ...relatives('columns'),
};

function relatives(lines: Relative['lines']): typeof formats {
  return {
    [`relative ${lines}, gaps of 4`]: [(csr) => toRelative(csr, { lines, gapBits: 4 }), relativeTimesVector, 15],
    [`relative ${lines}, gaps of 8`]: [(csr) => toRelative(csr, { lines, gapBits: 8 }), relativeTimesVector, 15],
    [`relative ${lines}, codes of 8`]: [(csr) => toRelative(csr, { lines }), relativeTimesVector, 255],
    [`relative ${lines}`]: [(csr) => toRelative(csr, { lines }), relativeTimesVector, 15],
  };
}

const own = createKernels();
const foreign = inAnother();

/** Kernels in a memory that somebody else gives out, piece by piece. */
function inAnother(): Kernels {
  const memory = new WebAssembly.Memory({ initial: 4 });
  let end = 4 * 65536;
  return createKernels({
    memory,
    reserve(bytes) {
      memory.grow(Math.ceil(bytes / 65536));
      const start = end;
      end += Math.ceil(bytes / 65536) * 65536;
      return start;
    },
  });
}

/** Runs a layer surrounded by numbers that must not count and must stay as they are. */
function run(
  kernels: Kernels,
  matrix: VectorFormat,
  x: Float32Array,
  rows: number,
  bias?: Float32Array,
  bounds?: Bounds,
) {
  const mark = kernels.mark();
  const layer = sparseVector(kernels, matrix, bias, bounds);
  const [from, to] = [kernels.allocate(4 * x.length + 64), kernels.allocate(4 * rows + 64)];
  const scratch = kernels.allocate(layer.scratchBytes);
  kernels.float32(scratch, layer.scratchBytes >> 2).fill(Number.NaN);
  if (kernels.window) kernels.float32(kernels.window, 16384).fill(Number.NaN);
  kernels.float32(from, x.length + 16).fill(Number.NaN);
  kernels.float32(from, x.length).set(x);
  kernels.float32(to, rows + 16).fill(7);
  layer.run(from, to, scratch);
  const y = kernels.float32(to, rows + 16).slice();
  kernels.release(mark);
  if (y.subarray(rows).some((value) => value !== 7)) throw new Error('something behind the output was written');
  return y.subarray(0, rows);
}

/** The largest difference, of all numbers of the reference the largest being 1 or less. */
const difference = (y: Float32Array, expected: ArrayLike<number>): number => {
  const largest = Math.max(1, ...Array.from(expected, Math.abs));
  return Math.max(0, ...Array.from(y, (value, m) => Math.abs(value - expected[m]!) / largest));
};

/** n ≤ 400 terms of at most 1: n · 2⁻²⁴ · Σ ≤ 1e-5 · Σ; Σ is at most a few times the largest result. */
const TOLERANCE = 1e-4;

const layers = fc.record({
  rows: fc.integer({ min: 1, max: 70 }),
  columns: fc.integer({ min: 1, max: 400 }),
  density: fc.constantFrom(0, 0.01, 0.05, 0.1, 0.3, 0.7, 1),
  zeros: fc.constantFrom(0, 0.5, 0.9, 1),
  hasBias: fc.boolean(),
  bounds: fc.constantFrom<Bounds>({}, { least: 0 }, { least: 0, most: 1 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

describe.each(Object.entries(formats))('%s', (_, [to, plain, kinds]) => {
  test('multiplies as double precision does, plain and fast, in its own memory and in another', () => {
    fc.assert(
      fc.property(layers, ({ rows, columns, density, zeros, hasBias, bounds, seed }) => {
        const w = sparseNumbers(rows * columns, density, seed, kinds);
        const x = sparseNumbers(columns, 1 - zeros, seed + 2);
        const bias = hasBias ? numbers(rows, seed + 3) : undefined;
        const csr = toCsr({ kind: 'dense', values: w }, rows, columns);
        const matrix = to((kinds ? withCodes(csr) : csr) as CodedCsr);
        const expected = reference(w, x, rows, bias).map((value) => clip(value, bounds));
        expect(difference(plain(matrix as never, x, bias, bounds), expected)).toBeLessThan(TOLERANCE);
        expect(difference(run(own, matrix, x, rows, bias, bounds), expected)).toBeLessThan(TOLERANCE);
        expect(difference(run(foreign, matrix, x, rows, bias, bounds), expected)).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test('multiplies matrices of no rows, no columns and no nonzeros', () => {
    for (const [rows, columns] of [
      [0, 5],
      [5, 0],
      [3, 4],
    ] as const) {
      const csr = withCodes(toCsr({ kind: 'dense', values: new Float32Array(rows * columns) }, rows, columns))!;
      const bias = numbers(rows, 1);
      expect([...run(own, to(csr), new Float32Array(columns).fill(1), rows, bias)]).toEqual([...bias]);
    }
  });
});

test('more columns than an offset reaches come in blocks', () => {
  const [rows, columns] = [3, 40000];
  const w = sparseNumbers(rows * columns, 0.02, 5, 15);
  const x = numbers(columns, 6);
  const csr = withCodes(toCsr({ kind: 'dense', values: w }, rows, columns))!;
  const matrix = toBucketedRows(csr);
  expect(matrix.chunkEnds.length).toBe(3 * rows);
  const bias = numbers(rows, 7);
  const expected = reference(w, x, rows);
  expect(difference(bucketedRowsTimesVector(matrix, x), expected)).toBeLessThan(TOLERANCE);
  expect(difference(run(own, matrix, x, rows), expected)).toBeLessThan(TOLERANCE);
  const clipped = reference(w, x, rows, bias).map((value) => clip(value, { least: 0 }));
  expect(difference(run(own, csr, x, rows, bias, { least: 0 }), clipped)).toBeLessThan(TOLERANCE);
});

test('an input that is no number is not taken for a zero', () => {
  const csr = withCodes(toCsr({ kind: 'dense', values: Float32Array.of(1, 0, 0, 1) }, 2, 2))!;
  const x = Float32Array.of(Number.NaN, 2);
  // Where it meets a nonzero. Fillers may meet it, too, as the zeros of a dense matrix do.
  for (const [to] of Object.values(formats)) expect(run(own, to(csr), x, 2)[0]).toBeNaN();
});

test('what a form has no room for is refused', () => {
  const many = (values: number): Csr =>
    toCsr({ kind: 'dense', values: Float32Array.from({ length: values }, (_, i) => i + 1) }, 1, values);
  expect(withCodes(many(256))).toBeUndefined();
  expect(() => toRelative(withCodes(many(16))!, { gapBits: 4 })).toThrow('"gapBits" expected 8 for 16 values, got 4');
  const tall = withCodes(toCsr({ kind: 'dense', values: new Float32Array(16353) }, 16353, 1))!;
  expect(() => toBucketedColumns(tall)).toThrow('"csr" expected at most 16352 rows, got 16353');
});

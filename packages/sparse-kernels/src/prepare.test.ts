import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numbers, reference, sparseNumbers } from '../test/numbers.ts';
import { bucketedColumnsTimesVector, toBucketedColumns } from './bucketed-columns.ts';
import { bucketedRowsTimesVector, toBucketedRows } from './bucketed-rows.ts';
import { type CostTable, estimateConvolution, estimateProduct, type KernelName, MEASURED } from './crossover.ts';
import { type CodedCsr, csrTimesVector, toCsr, withCodes } from './csr.ts';
import { denseConv2d } from './dense/conv2d.ts';
import { plainConv2d, plainVector } from './dense/plain.ts';
import { denseVector } from './dense/vector.ts';
import { denseBatch } from './dense-batch.ts';
import { createKernels } from './kernels.ts';
import { type PreparedLayer, prepareConvolution, prepareProduct, prepareVector } from './prepare.ts';
import { relativeTimesVector, toRelative } from './relative.ts';
import { csrTimesBatch, sparseBatch } from './sparse-batch.ts';
import { sparseConv2d } from './sparse-conv2d.ts';
import { sparseVector } from './sparse-vector.ts';

const kernels = createKernels();

function outputOf(layer: PreparedLayer, x: Float32Array, outputs: number): Float32Array {
  const [from, to] = [kernels.allocate(4 * x.length + 64), kernels.allocate(4 * outputs + 64)];
  kernels.float32(from, x.length).set(x);
  layer.run(from, to, kernels.allocate(layer.scratchBytes));
  return kernels.float32(to, outputs).slice();
}

const close = (y: Float32Array, expected: ArrayLike<number>): boolean =>
  y.every((value, i) => Math.abs(value - expected[i]!) < 1e-3);

const PRODUCTS: readonly KernelName[] = [
  ...(['dense', 'csr', 'bucketed-rows', 'bucketed-columns', 'relative-rows', 'relative-columns'] as const),
  ...(['dense-batch', 'sparse-batch'] as const),
];

test.each(PRODUCTS)('%s gives what double precision does', (kernel) => {
  const [rows, columns, batch] = [33, 130, kernel.endsWith('batch') ? 7 : 1];
  const values = sparseNumbers(rows * columns, 0.2, 1, 15);
  const [x, bias] = [numbers(batch * columns, 2), numbers(rows, 3)];
  const layer = prepareProduct(kernels, { kind: 'dense', values }, rows, columns, { kernel, batch, bias });
  expect(layer.kernel).toBe(kernel);
  const y = outputOf(layer, x, batch * rows);
  for (let sample = 0; sample < batch; sample++) {
    const expected = reference(values, x.subarray(sample * columns, (sample + 1) * columns), rows, bias);
    expect(close(y.subarray(sample * rows, (sample + 1) * rows), expected)).toBe(true);
  }
});

test('masked and shared forms give the same as the dense one, whatever is chosen', () => {
  const shape = { channels: 3, height: 8, width: 8, filters: 5, kernelSize: [3, 3], padding: [1, 1, 1, 1] } as const;
  const values = sparseNumbers(5 * 27, 0.3, 4, 7);
  const codebook = Float32Array.from(new Set(values));
  const forms = [
    { kind: 'dense', values },
    { kind: 'masked', values, mask: Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)) },
    {
      kind: 'shared',
      codebook,
      indices: Uint16Array.from(values, (value) => codebook.indexOf(value)),
      mask: new Uint8Array(values.length).fill(1),
    },
  ] as const;
  const x = numbers(3 * 64, 5);
  const expected = plainConv2d(shape, x, values);
  for (const form of forms) {
    for (const kernel of ['dense-conv2d', 'sparse-conv2d', 'winograd-conv2d', undefined] as const) {
      expect(close(outputOf(prepareConvolution(kernels, form, shape, { kernel }), x, 5 * 64), expected)).toBe(true);
    }
    const product = prepareProduct(kernels, form, 5, 27);
    expect(close(outputOf(product, x.subarray(0, 27), 5), reference(values, x.subarray(0, 27), 5))).toBe(true);
  }
});

test('for one vector alone there are fewer kernels to choose among, and the same results', () => {
  const form = { kind: 'dense', values: sparseNumbers(33 * 130, 0.2, 1, 15) } as const;
  const x = numbers(130, 2);
  for (const kernel of ['dense', 'csr', 'bucketed-rows', undefined] as const) {
    const [one, all] = [prepareVector, prepareProduct].map((prepare) => prepare(kernels, form, 33, 130, { kernel }));
    expect(one!.kernel).toBe(all!.kernel);
    expect(outputOf(one!, x, 33)).toEqual(outputOf(all!, x, 33));
  }
  expect(() => prepareVector(kernels, form, 33, 130, { kernel: 'relative-rows' })).toThrow(
    'prepareVector: "kernel" expected one of dense, csr, bucketed-rows, got "relative-rows"',
  );
});

test('a convolution whose window sees all there is is a product', () => {
  const shape = { channels: 30, height: 2, width: 3, filters: 5, kernelSize: [2, 3], dilation: [1, 1] } as const;
  const values = sparseNumbers(5 * 180, 0.05, 6, 3);
  const [x, bias] = [numbers(180, 7), numbers(5, 8)];
  const layer = prepareConvolution(kernels, { kind: 'dense', values }, shape, { bias });
  expect(PRODUCTS).toContain(layer.kernel);
  expect(close(outputOf(layer, x, 5), plainConv2d(shape, x, values, bias))).toBe(true);
});

test('a kernel that cannot do it is refused', () => {
  const form = { kind: 'dense', values: Float32Array.from({ length: 300 }, (_, i) => i + 1) } as const;
  expect(() => prepareProduct(kernels, form, 1, 300, { kernel: 'bucketed-rows' })).toThrow(
    '"kernel" "bucketed-rows" expected at most 255 different values',
  );
  expect(() => prepareProduct(kernels, form, 1, 300, { kernel: 'sparse-conv2d' })).toThrow(
    'prepareProduct: "kernel" expected one of dense, csr,',
  );
  const shape = { channels: 300, height: 1, width: 1, filters: 1, kernelSize: [1, 1] } as const;
  expect(() => prepareConvolution(kernels, form, shape, { kernel: 'csr' })).toThrow('expected one for convolutions');
});

describe('the choice', () => {
  const product = (density: number, more: object = {}): KernelName =>
    estimateProduct({ rows: 4096, columns: 4096, nonzeros: density * 4096 ** 2, ...more })[0]!.kernel;

  test('is sparse where little is left, dense where much is', () => {
    expect(product(0.09, { kinds: 15 })).toBe('bucketed-rows');
    expect(product(0.09, { kinds: 15, inputDensity: 0.35 })).toBe('bucketed-columns');
    expect(product(0.09)).toBe('csr');
    expect(product(1)).toBe('dense');
    expect(product(0.09, { batch: 24 })).toBe('sparse-batch');
    expect(product(1, { batch: 24 })).toBe('dense-batch');
    const convolution = { filters: 64, depth: 256, pixels: 729 };
    expect(estimateConvolution({ ...convolution, nonzeros: 0.1 * 64 * 256 })[0]!.kernel).toBe('sparse-conv2d');
    expect(estimateConvolution({ ...convolution, nonzeros: 64 * 256 })[0]!.kernel).toBe('dense-conv2d');
  });

  test('is made by the table that is given', () => {
    const slow = { perEntry: [9, 9, 9], perLine: 9 } as const;
    const costs: CostTable = { ...MEASURED, 'sparse-conv2d': slow };
    const form = { kind: 'dense', values: new Float32Array(9) } as const;
    const shape = { channels: 1, height: 99, width: 99, filters: 1, kernelSize: [3, 3] } as const;
    expect(prepareConvolution(kernels, form, shape).kernel).toBe('sparse-conv2d');
    expect(prepareConvolution(kernels, form, shape, { costs }).kernel).not.toBe('sparse-conv2d');
  });

  test('is never of a kernel that cannot do it, and never costs less than nothing', () => {
    const task = fc.record({
      rows: fc.integer({ min: 0, max: 20000 }),
      columns: fc.integer({ min: 0, max: 20000 }),
      density: fc.double({ min: 0, max: 1, noNaN: true }),
      kinds: fc.constantFrom(1, 15, 255, 256, Number.POSITIVE_INFINITY),
      inputDensity: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(task, ({ rows, columns, density, kinds, inputDensity }) => {
        const nonzeros = Math.floor(density * rows * columns);
        const estimates = estimateProduct({ rows, columns, nonzeros, kinds, inputDensity });
        for (const { kernel, ns } of estimates) {
          expect(ns).toBeGreaterThanOrEqual(0);
          if (kinds > 255) expect(['dense', 'csr']).toContain(kernel);
          if (rows > 16352) expect(kernel).not.toBe('bucketed-columns');
        }
      }),
    );
  });
});

describe('what does not fit is refused, before a kernel reads what lies beside it', () => {
  const form = { kind: 'dense', values: numbers(12, 1) } as const;
  const csr = toCsr(form, 3, 4);
  const short = new Float32Array(2);
  const shape = { channels: 2, height: 4, width: 4, filters: 2, kernelSize: [1, 3] } as const;
  const bias = 'expected 3 numbers, got 2';
  const product = (options: object, [rows, columns] = [3, 4]) =>
    prepareProduct(kernels, form, rows!, columns!, options);
  const convolution = (change: object, w = form.values) => denseConv2d(kernels, { ...shape, ...change }, w);

  /** With a bias that is too short. */
  const multiplied = <M>(
    to: (csr: CodedCsr) => M,
    times: (matrix: M, x: Float32Array, bias: Float32Array) => unknown,
  ) => times(to(withCodes(csr)!), form.values.subarray(8), short);

  test.each<[string, () => unknown]>([
    [`prepareProduct: "bias" ${bias}`, () => product({ bias: short })],
    [`prepareVector: "bias" ${bias}`, () => prepareVector(kernels, form, 3, 4, { bias: short })],
    [`sparseVector: "bias" ${bias}`, () => sparseVector(kernels, csr, short)],
    [`sparseBatch: "bias" ${bias}`, () => sparseBatch(kernels, csr, 2, short)],
    [`denseVector: "bias" ${bias}`, () => denseVector(kernels, 3, form.values, short)],
    [`denseConv2d: "bias" ${bias}`, () => denseBatch(kernels, 3, form.values, 2, short)],
    [
      'prepareConvolution: "bias" expected 2 numbers, got 1',
      () => prepareConvolution(kernels, form, shape, { bias: short.subarray(1) }),
    ],
    [
      'sparseConv2d: "bias" expected 2 numbers, got 1',
      () => sparseConv2d(kernels, shape, toCsr(form, 2, 6), short.subarray(1)),
    ],
    ['"w" expected 12 numbers, got 11', () => convolution({}, form.values.subarray(1))],
    ['denseConv2d: "shape" expected groups that divide', () => convolution({ groups: 3 })],
    ['denseConv2d: "shape" expected groups that divide', () => convolution({ width: 2 })],
    ['prepareConvolution: "shape" expected', () => prepareConvolution(kernels, form, { ...shape, width: 2 })],
    ['denseVector: "columns" expected a whole number from 1, got 2.4', () => denseVector(kernels, 5, form.values)],
    ['denseBatch: "batch" expected a whole number from 1, got 0', () => denseBatch(kernels, 3, form.values, 0)],
    ['csrTimesVector: "x" expected 4 numbers, got 2', () => csrTimesVector(csr, short)],
    [`csrTimesVector: "y" ${bias}`, () => csrTimesVector(csr, form.values.subarray(8), undefined, {}, short)],
    [`bucketedRowsTimesVector: "bias" ${bias}`, () => multiplied(toBucketedRows, bucketedRowsTimesVector)],
    [`bucketedColumnsTimesVector: "bias" ${bias}`, () => multiplied(toBucketedColumns, bucketedColumnsTimesVector)],
    [`relativeTimesVector: "bias" ${bias}`, () => multiplied(toRelative, relativeTimesVector)],
    ['csrTimesBatch: "x" expected samples of 4 numbers, got 2', () => csrTimesBatch(csr, short)],
    ['plainConv2d: "x" expected 32 numbers, got 2', () => plainConv2d(shape, short, form.values)],
    ['plainVector: "w" expected 6 numbers, got 12', () => plainVector(short, form.values, new Float32Array(3))],
    // Two vectors came in, and one product came out.
    ['"kernel" expected one of dense-batch, sparse-batch for 2 vectors', () => product({ kernel: 'csr', batch: 2 })],
    ['"batch" expected a whole number from 1, got 1.5', () => product({ batch: 1.5 })],
    // Division by zero, in the kernel.
    ['"rows" expected a whole number from 1, got 0', () => product({ kernel: 'dense-batch' }, [0, 4])],
    ['"form" expected 3 · 5 numbers, got 12', () => product({}, [3, 5])],
  ])('%s', (message, prepare) => {
    expect(prepare).toThrow(RangeError);
    expect(prepare).toThrow(message);
  });

  test('a mask that is shorter than its weight', () => {
    const [codebook, indices, mask] = [Float32Array.of(1), new Uint16Array(12), new Uint8Array(11)];
    expect(() => toCsr({ kind: 'shared', codebook, indices, mask }, 3, 4)).toThrow('expected 3 · 4 numbers, got 11');
  });
});

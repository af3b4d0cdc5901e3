import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { numbers, sparseNumbers } from '../../test/numbers.ts';
import type { KernelName } from '../crossover.ts';
import { type Conv2dShape, outputSize, type Prepared } from '../dense/shapes.ts';
import { winogradTiles } from '../dense/winograd.ts';
import { createKernels, type Kernels } from '../kernels.ts';
import { prepareConvolution, prepareProduct } from '../prepare.ts';
import { startThreads } from './start-threads.ts';

const alone = createKernels();
/** By their number. Parts as small as they come. */
const several = [1, 2, 3, 4].map((count) => startThreads({ count, leastPartNs: 1e-9 }));
afterAll(() => {
  for (const kernels of several) kernels.dispose();
});

/** Runs in memory that is given back, with numbers around the output that must stay as they are. */
function outputOf(kernels: Kernels, prepare: (kernels: Kernels) => Prepared, x: Float32Array, count: number): number[] {
  const mark = kernels.mark();
  const layer = prepare(kernels);
  const [from, to] = [kernels.allocate(4 * x.length + 64), kernels.allocate(4 * count + 64)];
  kernels.float32(from, x.length).set(x);
  kernels.float32(to, count + 16).fill(7);
  const scratch = kernels.allocate(layer.scratchBytes);
  kernels.float32(scratch, layer.scratchBytes >> 2).fill(NaN);
  layer.run(from, to, scratch);
  const y = [...kernels.float32(to, count + 16)];
  kernels.release(mark);
  return y;
}

/** One number for each, NaN and −0 told apart. */
const bits = (values: readonly number[]): string => Buffer.from(Float32Array.from(values).buffer).toString('base64');

const some = (most: number, least = 1) => fc.integer({ min: least, max: most });
const density = fc.constantFrom(0, 0.1, 0.4, 1);

test.each(several.map((kernels, i) => [i + 1, kernels] as const))(
  '%i: products as one thread has them',
  async (count, kernels) => {
    await kernels.ready;
    expect(kernels.threads).toBe(count);
    const kernel = fc.constantFrom<KernelName>(
      'dense',
      'csr',
      'bucketed-rows',
      'bucketed-columns',
      'relative-rows',
      'relative-columns',
    );
    fc.assert(
      fc.property(some(70), some(300), density, kernel, fc.boolean(), (rows, columns, share, kernel, isCut) => {
        const values = sparseNumbers(rows * columns, share, rows, 9);
        const [x, bias] = [numbers(columns, 1), numbers(rows, 2)];
        const options = { kernel, bias, ...(isCut && { least: 0, most: 1 }) };
        const prepare = (own: Kernels) => prepareProduct(own, { kind: 'dense', values }, rows, columns, options);
        expect(bits(outputOf(kernels, prepare, x, rows))).toBe(bits(outputOf(alone, prepare, x, rows)));
      }),
      { numRuns: 60 },
    );
  },
);

const shapes: fc.Arbitrary<Conv2dShape> = fc
  .record({
    groups: fc.constantFrom(1, 1, 2, 5),
    channelsEach: some(4),
    filtersEach: some(24),
    height: some(30, 5),
    width: some(30, 5),
    size: some(5),
    stride: some(2),
    padding: some(2, 0),
  })
  .map(({ groups, channelsEach, filtersEach, height, width, size, stride, padding }) => ({
    ...{ groups, channels: groups * channelsEach, filters: groups * filtersEach, height, width },
    kernelSize: [size, size],
    stride: [stride, stride],
    padding: [padding, padding, padding, padding],
  }));

test.each(several.map((kernels, i) => [i + 1, kernels] as const))(
  '%i: convolutions as one thread has them',
  async (_, kernels) => {
    await kernels.ready;
    const kernel = fc.constantFrom<KernelName>('dense-conv2d', 'sparse-conv2d', 'winograd-conv2d');
    fc.assert(
      fc.property(shapes, density, kernel, (shape, share, asked) => {
        const { channels, height, width, filters, kernelSize, groups = 1 } = shape;
        const kernel = asked === 'winograd-conv2d' && !winogradTiles(shape) ? 'dense-conv2d' : asked;
        const values = sparseNumbers((filters * channels * kernelSize[0] * kernelSize[1]) / groups, share, filters);
        const [x, bias] = [numbers(channels * height * width, 1), numbers(filters, 2)];
        const [rows, columns] = outputSize(shape);
        const prepare = (own: Kernels) =>
          prepareConvolution(own, { kind: 'dense', values }, shape, { kernel, bias, least: 0 });
        const count = filters * rows * columns;
        expect(bits(outputOf(kernels, prepare, x, count))).toBe(bits(outputOf(alone, prepare, x, count)));
      }),
      { numRuns: 60 },
    );
  },
);

test('an output of which a band is computed at a time has the same bands in parts', () => {
  const shape = { channels: 2, height: 60, width: 61, filters: 40, kernelSize: [3, 3], padding: [1, 1, 1, 1] } as const;
  const values = sparseNumbers(40 * 18, 0.6, 3);
  const x = numbers(2 * 60 * 61, 1);
  const prepare = (own: Kernels) =>
    prepareConvolution(own, { kind: 'dense', values }, shape, { kernel: 'sparse-conv2d' });
  expect(bits(outputOf(several[3]!, prepare, x, 40 * 3660))).toBe(bits(outputOf(alone, prepare, x, 40 * 3660)));
});

test.each<[KernelName, Conv2dShape]>([
  ['dense-conv2d', { channels: 350, height: 13, width: 17, filters: 9, kernelSize: [1, 1] }],
  ['dense-conv2d', { channels: 5, height: 31, width: 33, filters: 7, kernelSize: [3, 3] }],
  [
    'dense-conv2d',
    { channels: 3, height: 40, width: 37, filters: 12, kernelSize: [5, 3], stride: [2, 2], padding: [1, 2, 1, 1] },
  ],
  [
    'winograd-conv2d',
    { channels: 3, height: 115, width: 115, filters: 40, kernelSize: [7, 7], stride: [2, 2], padding: [1, 0, 1, 0] },
  ],
  [
    'winograd-conv2d',
    { channels: 4, height: 56, width: 50, filters: 6, kernelSize: [3, 3], padding: [1, 1, 1, 1], groups: 2 },
  ],
])('%s with so many pixels that parts have some of them: %j', (kernel, shape) => {
  const { channels, height, width, filters, kernelSize, groups = 1 } = shape;
  const values = numbers((filters * channels * kernelSize[0] * kernelSize[1]) / groups, 3);
  const [x, bias] = [numbers(channels * height * width, 1), numbers(filters, 2)];
  const [rows, columns] = outputSize(shape);
  const options = { kernel, bias, least: 0 };
  const prepare = (own: Kernels) => prepareConvolution(own, { kind: 'dense', values }, shape, options);
  const count = filters * rows * columns;
  const expected = bits(outputOf(alone, prepare, x, count));
  for (const kernels of several) expect(bits(outputOf(kernels, prepare, x, count))).toBe(expected);
});

test('layers are run before the threads are there, and after they have ended', async () => {
  const kernels = startThreads({ count: 3, leastPartNs: 1e-9 });
  const values = sparseNumbers(64 * 100, 0.5, 1);
  const layer = prepareProduct(kernels, { kind: 'dense', values }, 64, 100);
  const [x, y] = [kernels.place(numbers(116, 1)), kernels.allocate(256)];
  const scratch = kernels.allocate(layer.scratchBytes);
  const run = (): string => {
    kernels.float32(y, 64).fill(NaN);
    layer.run(x, y, scratch);
    return bits([...kernels.float32(y, 64)]);
  };
  expect(kernels.threads).toBe(1);
  const before = run();
  await kernels.ready;
  expect(kernels.threads).toBe(3);
  expect(run()).toBe(before);
  kernels.dispose();
  expect(kernels.threads).toBe(1);
  expect(run()).toBe(before);
});

test('whoever waits for threads that are ended does not wait for ever', async () => {
  const kernels = startThreads({ count: 3 });
  kernels.dispose();
  await kernels.ready;
  expect(kernels.threads).toBe(1);
});

test('memory that is taken later is seen by threads that run already', async () => {
  const kernels = several[1]!;
  await kernels.ready;
  const mark = kernels.mark();
  kernels.allocate(40_000_000);
  const values = numbers(64 * 1000, 1);
  const prepare = (own: Kernels) => prepareProduct(own, { kind: 'dense', values }, 64, 1000);
  const x = numbers(1000, 2);
  expect(bits(outputOf(kernels, prepare, x, 64))).toBe(bits(outputOf(alone, prepare, x, 64)));
  kernels.release(mark);
});

test('small work is left to one thread', () => {
  const kernels = startThreads({ count: 2 });
  const ends: number[] = [];
  const prepare = (_: Kernels, __: number, end: number): Prepared => {
    ends.push(end);
    return { weightBytes: 0, readBytes: 0, scratchBytes: 0, run() {} };
  };
  kernels.inParts({ count: 10, ns: 1000 }, prepare);
  expect(ends).toEqual([10]);
  kernels.inParts({ count: 10, ns: 1_000_000 }, prepare);
  expect(ends).toEqual([10, 5, 10]);
  kernels.dispose();
});

test('a number of threads that cannot be is refused', () => {
  for (const count of [0, 1.5, 65, NaN])
    expect(() => startThreads({ count })).toThrow(/^startThreads: "count" expected a whole number/);
});

test('without shared memory there is one thread', () => {
  const shared = globalThis.SharedArrayBuffer;
  try {
    Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
    expect(startThreads({ count: 4 }).threads).toBe(1);
  } finally {
    globalThis.SharedArrayBuffer = shared;
  }
});

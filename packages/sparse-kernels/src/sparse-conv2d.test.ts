import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { numbers, sparseNumbers } from '../test/numbers.ts';
import { toCsr } from './csr.ts';
import { plainConv2d } from './dense/plain.ts';
import { type Bounds, type Conv2dShape, outputSize } from './dense/shapes.ts';
import { createKernels } from './kernels.ts';
import { plainSparseConv2d, sparseConv2d } from './sparse-conv2d.ts';

const kernels = createKernels();

const small = (min: number, max: number) => fc.integer({ min, max });
const shapes: fc.Arbitrary<Conv2dShape> = fc
  .record({
    perGroup: small(1, 5),
    filtersPerGroup: small(1, 5),
    groups: fc.constantFrom(1, 1, 2, 3),
    height: small(1, 30),
    width: small(1, 30),
    kernelSize: fc.tuple(small(1, 4), small(1, 4)),
    stride: fc.constantFrom([1, 1], [1, 1], [2, 2], [1, 2], [3, 2]) as fc.Arbitrary<[number, number]>,
    padding: fc.tuple(small(0, 2), small(0, 2), small(0, 2), small(0, 2)),
    dilation: fc.constantFrom([1, 1], [1, 1], [2, 2], [1, 3]) as fc.Arbitrary<[number, number]>,
  })
  .map(({ perGroup, filtersPerGroup, groups, ...shape }) => ({
    ...shape,
    groups,
    channels: perGroup * groups,
    filters: filtersPerGroup * groups,
  }))
  .filter((shape) => outputSize(shape).every((extent) => extent >= 1));

const depthOf = ({ channels, groups = 1, kernelSize }: Conv2dShape): number =>
  (channels / groups) * kernelSize[0] * kernelSize[1];

/** Of plain dense, plain sparse and fast sparse: the largest differences. */
function differences(shape: Conv2dShape, density: number, seed: number, hasBias: boolean, bounds: Bounds): number[] {
  const { channels, height, width, filters } = shape;
  const [rows, columns] = outputSize(shape);
  const w = sparseNumbers(filters * depthOf(shape), density, seed);
  const x = numbers(channels * height * width, seed + 2);
  const bias = hasBias ? numbers(filters, seed + 3) : undefined;
  const matrix = toCsr({ kind: 'dense', values: w }, filters, depthOf(shape));
  const expected = plainConv2d(shape, x, w, bias, bounds);

  const mark = kernels.mark();
  const layer = sparseConv2d(kernels, shape, matrix, bias, bounds);
  const length = filters * rows * columns;
  const [from, to] = [kernels.allocate(4 * x.length + 64), kernels.allocate(4 * length + 64)];
  const scratch = kernels.allocate(layer.scratchBytes + 64);
  const guard = kernels.float32(scratch, (layer.scratchBytes >> 2) + 16).fill(Number.NaN);
  guard.subarray(-16).fill(7);
  kernels.float32(from, x.length + 16).fill(Number.NaN);
  kernels.float32(from, x.length).set(x);
  kernels.float32(to, length + 16).fill(7);
  layer.run(from, to, scratch);
  const y = kernels.float32(to, length).slice();
  const behind = [...kernels.float32(to + 4 * length, 16), ...guard.subarray(-16)];
  kernels.release(mark);
  if (behind.some((value) => value !== 7)) throw new Error('something behind the output or the scratch was written');

  const worst = (actual: Float32Array) => Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  return [worst(plainSparseConv2d(shape, matrix, x, bias, bounds)), worst(y)];
}

/** Up to 80 terms of at most 1: 80 · 2⁻²⁴ · 80. */
const TOLERANCE = 4e-4;

test('convolves as the dense one does, whatever the stride, padding, dilation, groups and density', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom(0, 0.05, 0.3, 1),
      fc.integer({ min: 1, max: 1e6 }),
      fc.boolean(),
      fc.constantFrom<Bounds>({}, { least: 0 }, { least: 0, most: 1 }),
      (shape, density, seed, hasBias, bounds) => {
        for (const difference of differences(shape, density, seed, hasBias, bounds)) {
          expect(difference).toBeLessThan(TOLERANCE);
        }
      },
    ),
    { numRuns: 300, seed: 1 },
  );
});

test('an output larger than a band, of filters without nonzeros too', () => {
  const shape: Conv2dShape = {
    channels: 2,
    height: 60,
    width: 61,
    filters: 33,
    kernelSize: [3, 3],
    padding: [1, 1, 1, 1],
  };
  for (const difference of differences(shape, 0.05, 1, true, { least: 0 })) expect(difference).toBeLessThan(TOLERANCE);
});

test('weights of another size are refused', () => {
  const shape: Conv2dShape = { channels: 2, height: 3, width: 3, filters: 4, kernelSize: [1, 1] };
  const weights = toCsr({ kind: 'dense', values: new Float32Array(6) }, 2, 3);
  expect(() => sparseConv2d(kernels, shape, weights)).toThrow('"weights" expected [4, 2] for the shape, got [2, 3]');
});

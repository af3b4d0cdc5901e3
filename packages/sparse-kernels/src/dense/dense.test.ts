import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKernels } from '../kernels.ts';
import { denseConv2d } from './conv2d.ts';
import { plainConv2d, plainLrn, plainPool, plainVector } from './plain.ts';
import { type Conv2dShape, outputSize } from './shapes.ts';
import { denseVector } from './vector.ts';
import { winogradConv2d } from './winograd.ts';

// Plain twins sum in double precision; kernels in float32. n terms of at most 1 each, of both signs: an error of at most
// n · 2⁻²⁴ times the sum of their sizes, n ≤ 2000 here, and far less in practice.
const TOLERANCE = 1e-4;

const kernels = createKernels();

/** Numbers of both signs in −1 … 1, always the same. */
const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed * 78.233));

const worst = (a: Float32Array, b: Float32Array): number => {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) most = Math.max(most, Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!)));
  }
  return Number.isNaN(most) ? Infinity : most;
};

/** Runs in memory that is given back afterwards, surrounded by numbers that must stay as they are. */
function inMemory(x: Float32Array, outputs: number, run: (x: number, y: number) => void): Float32Array {
  const mark = kernels.mark();
  const [from, to] = [kernels.allocate(4 * x.length + 64), kernels.allocate(4 * outputs + 64)];
  kernels
    .float32(from, x.length + 16)
    .fill(NaN)
    .set(x); // what lies behind an input must not count
  kernels.float32(to, outputs + 16).fill(7);
  run(from, to);
  const y = kernels.float32(to, outputs + 16).slice();
  kernels.release(mark);
  expect([...y.subarray(outputs)], 'nothing is written behind the output').toEqual(new Array(16).fill(7));
  return y.subarray(0, outputs);
}

function convolution(shape: Conv2dShape, seed: number, bounds = {}, prepare = denseConv2d): number {
  const { channels, height, width, filters, kernelSize, groups = 1 } = shape;
  const [rows, columns] = outputSize(shape);
  const x = numbers(channels * height * width, seed);
  const w = numbers((filters * channels * kernelSize[0] * kernelSize[1]) / groups, seed + 1);
  const bias = numbers(filters, seed + 2);
  const y = inMemory(x, filters * rows * columns, (from, to) => {
    const layer = prepare(kernels, shape, w, bias, bounds);
    const scratch = kernels.allocate(layer.scratchBytes);
    kernels.float32(scratch, layer.scratchBytes >> 2).fill(NaN);
    layer.run(from, to, scratch);
  });
  return worst(y, plainConv2d(shape, x, w, bias, bounds));
}

const small = (most: number, least = 1) => fc.integer({ min: least, max: most });
const shapes = fc
  .record({
    groups: fc.constantFrom(1, 1, 1, 2, 3),
    channelsPerGroup: small(5),
    filtersPerGroup: small(13),
    height: small(12),
    width: small(20),
    kernelSize: fc.tuple(small(5), small(5)),
    stride: fc.tuple(small(4), small(4)),
    padding: fc.tuple(small(3, 0), small(3, 0), small(3, 0), small(3, 0)),
    dilation: fc.tuple(small(2), small(2)),
  })
  .map(
    ({ groups, channelsPerGroup, filtersPerGroup, ...rest }): Conv2dShape => ({
      ...rest,
      groups,
      channels: groups * channelsPerGroup,
      filters: groups * filtersPerGroup,
    }),
  )
  .filter((shape) => outputSize(shape).every((extent) => extent >= 1));

test('a convolution of any shape is what its plain twin computes', () => {
  fc.assert(
    fc.property(
      shapes,
      small(1000),
      fc.constantFrom({}, { least: 0 }, { least: -0.5, most: 0.5 }),
      (shape, seed, bounds) => {
        expect(convolution(shape, seed, bounds)).toBeLessThan(TOLERANCE);
      },
    ),
    { numRuns: 300 },
  );
});

test.each<[string, Conv2dShape]>([
  [
    'the first of SqueezeNet, on a smaller image',
    { channels: 3, height: 35, width: 35, filters: 96, kernelSize: [7, 7], stride: [2, 2] },
  ],
  [
    'the first of AlexNet, on a smaller image',
    { channels: 3, height: 43, width: 43, filters: 16, kernelSize: [11, 11], stride: [4, 4] },
  ],
  ['deeper than a block', { channels: 72, height: 5, width: 6, filters: 7, kernelSize: [3, 3], padding: [1, 1, 1, 1] }],
  ['1 × 1, deeper than two blocks', { channels: 700, height: 3, width: 7, filters: 4, kernelSize: [1, 1] }],
  [
    'depthwise',
    { channels: 9, height: 9, width: 11, filters: 9, groups: 9, kernelSize: [3, 3], padding: [1, 1, 1, 1] },
  ],
  [
    'depthwise, stride 2, two filters each',
    {
      channels: 4,
      height: 9,
      width: 13,
      filters: 8,
      groups: 4,
      kernelSize: [3, 3],
      stride: [2, 2],
      padding: [0, 1, 0, 1],
    },
  ],
  [
    'two groups, as in AlexNet',
    { channels: 8, height: 7, width: 7, filters: 22, groups: 2, kernelSize: [5, 5], padding: [2, 2, 2, 2] },
  ],
  ['one pixel', { channels: 40, height: 1, width: 1, filters: 11, kernelSize: [1, 1] }],
])('convolution: %s', (_, shape) => {
  expect(convolution(shape, 5)).toBeLessThan(TOLERANCE);
});

const winogradShapes = fc
  .record({
    groups: fc.constantFrom(1, 1, 2),
    channels: small(4),
    filters: small(45),
    height: small(30, 11),
    width: small(40, 11),
    window: fc.constantFrom<(readonly [size: number, stride: number])[]>(
      [3, 1],
      [4, 1],
      [5, 1],
      [5, 2],
      [6, 2],
      [7, 2],
      [8, 2],
      [9, 2],
      [7, 3],
      [11, 4],
    ),
    padding: fc.tuple(small(2, 0), small(2, 0), small(2, 0), small(2, 0)),
  })
  .map(
    ({ groups, channels, filters, window: [size, stride], ...shape }): Conv2dShape => ({
      ...shape,
      groups,
      channels: groups * channels,
      filters: groups * filters,
      kernelSize: [size, size],
      stride: [stride, stride],
    }),
  );

test('Winograd’s way gives what the plain way gives', () => {
  fc.assert(
    fc.property(winogradShapes, small(1000), fc.constantFrom({}, { least: 0 }), (shape, seed, bounds) => {
      // Up to 484 terms: outputs are larger than 1, and errors are a share of that.
      expect(convolution(shape, seed, bounds, winogradConv2d)).toBeLessThan(10 * TOLERANCE);
    }),
    { numRuns: 60 },
  );
  const many = { channels: 90, height: 13, width: 13, filters: 83, kernelSize: [3, 3], padding: [1, 1, 1, 1] } as const;
  // 810 terms: outputs are as large as 30, and errors are a share of that.
  expect(convolution(many, 3, {}, winogradConv2d)).toBeLessThan(10 * TOLERANCE);
});

test('Winograd’s way is not for every window', () => {
  for (const [size, stride] of [
    [1, 1],
    [2, 1],
    [6, 1],
    [3, 2],
    [13, 2],
  ] as const) {
    const shape = {
      channels: 1,
      height: 20,
      width: 20,
      filters: 1,
      kernelSize: [size, size],
      stride: [stride, stride],
    } as const;
    expect(() => winogradConv2d(kernels, shape, new Float32Array(size * size))).toThrow(RangeError);
  }
});

test('a dense layer of any shape is what its plain twin computes', () => {
  fc.assert(
    fc.property(small(40), small(100), small(1000), (rows, columns, seed) => {
      const [x, w, bias] = [numbers(columns, seed), numbers(rows * columns, seed + 1), numbers(rows, seed + 2)];
      const y = inMemory(x, rows, (from, to) => denseVector(kernels, rows, w, bias, { least: 0 }).run(from, to, 0));
      expect(worst(y, plainVector(x, w, bias, { least: 0 }))).toBeLessThan(TOLERANCE);
    }),
  );
});

const pools = fc
  .record({
    channels: small(3),
    height: small(12),
    width: small(30),
    size: fc.tuple(small(4), small(4)),
    stride: fc.tuple(small(3), small(3)),
    top: small(2, 0),
    left: small(2, 0),
    beyond: fc.tuple(small(2, 0), small(2, 0)),
    mode: fc.constantFrom('max' as const, 'average' as const),
  })
  .map(({ beyond, ...shape }) => {
    const count = (axis: 0 | 1, length: number, before: number): number =>
      Math.max(1, Math.floor((length + before + beyond[axis] - shape.size[axis]) / shape.stride[axis]) + 1);
    return { ...shape, rows: count(0, shape.height, shape.top), columns: count(1, shape.width, shape.left) };
  });

test('a pool of any shape is what its plain twin computes', () => {
  fc.assert(
    fc.property(pools, small(1000), ({ mode, ...shape }, seed) => {
      const { channels, height, width, size, stride, top, left, rows, columns } = shape;
      const x = numbers(channels * height * width, seed);
      const y = inMemory(x, channels * rows * columns, (from, to) => {
        const scratch = kernels.allocate(4 * width + 32);
        kernels.float32(scratch, width + 8).fill(NaN);
        const average = Number(mode === 'average');
        kernels.exports.densePool(
          from,
          channels,
          height,
          width,
          ...size,
          ...stride,
          top,
          left,
          average,
          to,
          rows,
          columns,
          scratch,
        );
      });
      expect(worst(y, plainPool(shape, x, mode))).toBeLessThan(TOLERANCE);
    }),
    { numRuns: 300 },
  );
});

test('what is done to one number at a time, at any length', () => {
  fc.assert(
    fc.property(small(5), small(21), small(1000), (channels, plane, seed) => {
      const count = channels * plane;
      const [a, b] = [numbers(count, seed), numbers(count, seed + 1)];
      const [scale, shift] = [numbers(channels, seed + 2), numbers(channels, seed + 3)];
      const sum = inMemory(a, count, (x, y) => kernels.exports.denseAdd(x, kernels.place(b), y, count, 0, 6));
      expect(
        worst(
          sum,
          a.map((value, i) => Math.min(6, Math.max(0, value + b[i]!))),
        ),
      ).toBeLessThan(TOLERANCE);
      const scaled = inMemory(a, count, (x, y) => {
        kernels.exports.denseScale(
          x,
          y,
          channels,
          plane,
          kernels.place(scale),
          kernels.place(shift),
          -Infinity,
          Infinity,
        );
      });
      const expected = a.map((value, i) => value * scale[Math.floor(i / plane)]! + shift[Math.floor(i / plane)]!);
      expect(worst(scaled, expected)).toBeLessThan(TOLERANCE);
    }),
  );
});

test('normalisation across channels, of any shape', () => {
  fc.assert(
    fc.property(small(9), small(21), fc.constantFrom(1, 3, 5), small(1000), (channels, plane, size, seed) => {
      const x = numbers(channels * plane, seed);
      const y = inMemory(x, x.length, (from, to) =>
        kernels.exports.denseLrn(from, to, channels, plane, size, 2 / size, 1.5),
      );
      expect(worst(y, plainLrn(x, plane, { size, alpha: 2, beta: 0.75, k: 1.5 }))).toBeLessThan(TOLERANCE);
    }),
  );
});

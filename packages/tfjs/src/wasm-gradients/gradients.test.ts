import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core's operations, which core by itself does not in Node
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWasm, valuesOn, wholeNumbers } from '../../test/backends.ts';
import { installWasmGradients } from './install.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  await startWasm();
});

const runKernel = (name: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, unknown>): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap);

/** What a kernel gives on cpu and on wasm. */
const onBoth = (compute: () => tf.Tensor) => ({ cpu: valuesOn('cpu', compute), wasm: valuesOn('wasm', compute) });

const size = (max: number) => fc.integer({ min: 1, max });
const pair = (max: number) => fc.tuple(size(max), size(max));

// Channels go over 8 and 16, the widths of a SIMD tile, and are mostly no multiples of 4.
const convolutions = fc
  .record({
    batch: size(3),
    image: pair(9),
    filter: pair(4),
    channels: size(9),
    filters: size(19),
    strides: pair(3),
    padding: fc.constantFrom<'valid' | 'same' | 'explicit'>('valid', 'same', 'explicit'),
    margins: fc.tuple(...[0, 0, 0, 0].map(() => fc.integer({ min: 0, max: 2 }))),
    seed: fc.nat(),
  })
  .filter(({ image, filter }) => image[0] >= filter[0] && image[1] >= filter[1])
  .map(({ padding, margins: [top, bottom, left, right], ...rest }) => ({
    ...rest,
    pad:
      padding === 'explicit'
        ? [
            [0, 0],
            [top, bottom],
            [left, right],
            [0, 0],
          ]
        : padding,
  }));

describe.each(['simd', 'composed'] as const)('on the %s path', (path) => {
  beforeAll(() => {
    installWasmGradients({ path });
  });
  afterAll(() => installWasmGradients({ path }).uninstall());

  test('a convolution with one filter can be differentiated, which stock tfjs-wasm cannot', () => {
    const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
    const filter = tf.tensor4d([10], [1, 1, 1, 1]);
    const gradient = valuesOn('wasm', () => tf.grad((f) => tf.sum(tf.conv2d(x, f as tf.Tensor4D, 1, 'valid')))(filter));
    expect([...gradient]).toEqual([10]); // 1 + 2 + 3 + 4
    tf.dispose([x, filter]);
  });

  test('a convolution forward is that of the cpu backend', () =>
    fc.assert(
      fc.property(
        convolutions,
        size(2),
        ({ batch, image, filter, channels, filters, strides, pad, seed }, dilation) => {
          fc.pre(dilation === 1 || (strides[0] === 1 && strides[1] === 1));
          fc.pre((filter[0] - 1) * dilation < image[0] && (filter[1] - 1) * dilation < image[1]);
          const { cpu, wasm } = onBoth(() => {
            const x = wholeNumbers([batch, ...image, channels], seed);
            const w = wholeNumbers([...filter, channels, filters], seed + 1);
            return tf.conv2d(x, w, strides, pad as 'same', 'NHWC', dilation);
          });
          expect(wasm).toEqual(cpu);
        },
      ),
      { numRuns: 60 },
    ));

  test('a depthwise convolution forward is that of the cpu backend', () =>
    fc.assert(
      fc.property(convolutions, size(3), ({ batch, image, filter, channels, strides, pad, seed }, multiplier) => {
        const { cpu, wasm } = onBoth(() => {
          const x = wholeNumbers([batch, ...image, channels], seed);
          const w = wholeNumbers([...filter, channels, multiplier], seed + 1);
          return tf.depthwiseConv2d(x, w, strides, pad as 'same');
        });
        expect(wasm).toEqual(cpu);
      }),
      { numRuns: 40 },
    ));

  test('a sum over leading axes is that of the cpu backend', () =>
    fc.assert(
      fc.property(fc.array(size(13), { minLength: 1, maxLength: 4 }), fc.nat(3), fc.boolean(), (shape, last, keep) => {
        const axes = shape.map((_, axis) => axis).filter((axis) => axis <= last);
        const { cpu, wasm } = onBoth(() => tf.sum(wholeNumbers(shape, last), axes, keep));
        expect(wasm).toEqual(cpu);
      }),
      { numRuns: 40 },
    ));

  test('the filter gradient of a convolution is that of the cpu backend', () =>
    fc.assert(
      fc.property(convolutions, ({ batch, image, filter, channels, filters, strides, pad, seed }) => {
        const attributes = { strides, pad, dataFormat: 'NHWC', filterShape: [...filter, channels, filters] };
        const { cpu, wasm } = onBoth(() => {
          const x = wholeNumbers([batch, ...image, channels], seed);
          const y = tf.conv2d(x, tf.zeros([...filter, channels, filters]), strides, pad as 'same');
          return runKernel('Conv2DBackpropFilter', { x, dy: wholeNumbers(y.shape, seed + 1) }, attributes);
        });
        expect(wasm).toEqual(cpu);
      }),
      { numRuns: 60 },
    ));

  test('the input gradient of a convolution is that of the cpu backend', () =>
    fc.assert(
      fc.property(convolutions, ({ batch, image, filter, channels, filters, strides, pad, seed }) => {
        const inputShape: [number, number, number, number] = [batch, ...image, channels];
        const { cpu, wasm } = onBoth(() => {
          const w = wholeNumbers([...filter, channels, filters], seed);
          const y = tf.conv2d(tf.zeros<tf.Rank.R4>(inputShape), w, strides, pad as 'same');
          const dy = wholeNumbers(y.shape, seed + 1);
          return runKernel('Conv2DBackpropInput', { dy, filter: w }, { strides, pad, dataFormat: 'NHWC', inputShape });
        });
        expect(wasm).toEqual(cpu);
      }),
      { numRuns: 60 },
    ));

  test('the filter gradient of a depthwise convolution is that of the cpu backend', () =>
    fc.assert(
      fc.property(convolutions, size(3), ({ batch, image, filter, channels, strides, pad, seed }, multiplier) => {
        const filterShape = [...filter, channels, multiplier];
        const { cpu, wasm } = onBoth(() => {
          const x = wholeNumbers([batch, ...image, channels], seed);
          const dyShape = tf.backend_util.computeConv2DInfo(
            x.shape,
            filterShape as [number, number, number, number],
            strides,
            1,
            pad as 'same',
            undefined,
            true,
          ).outShape;
          const dy = wholeNumbers(dyShape, seed + 1);
          return runKernel(
            'DepthwiseConv2dNativeBackpropFilter',
            { x, dy },
            { strides, pad, dilations: 1, filterShape },
          );
        });
        expect(wasm).toEqual(cpu);
      }),
      { numRuns: 40 },
    ));

  test('the input gradient of a depthwise convolution is that of the cpu backend', () =>
    fc.assert(
      fc.property(convolutions, size(3), ({ batch, image, filter, channels, strides, pad, seed }, multiplier) => {
        const filterShape = [...filter, channels, multiplier] as [number, number, number, number];
        const inputShape = [batch, ...image, channels] as [number, number, number, number];
        const { cpu, wasm } = onBoth(() => {
          const info = tf.backend_util.computeConv2DInfo(
            inputShape,
            filterShape,
            strides,
            1,
            pad as 'same',
            undefined,
            true,
          );
          const dy = wholeNumbers(info.outShape, seed + 1);
          const inputs = { dy, filter: wholeNumbers(filterShape, seed) };
          return runKernel('DepthwiseConv2dNativeBackpropInput', inputs, { strides, pad, dilations: 1, inputShape });
        });
        expect(wasm).toEqual(cpu);
      }),
      { numRuns: 40 },
    ));

  test('max-pooling sends a gradient to the maximum of an all-negative window', () => {
    const x = tf.tensor4d([-4, -3, -2, -1], [1, 2, 2, 1]);
    const gradient = valuesOn('wasm', () =>
      tf.grad((image) => tf.sum(tf.maxPool(image as tf.Tensor4D, 2, 2, 'valid')))(x),
    );
    expect([...gradient]).toEqual([0, 0, 0, 1]);
    x.dispose();
  });

  test('the gradient of max-pooling is that of the cpu backend, ties and negative windows included', () =>
    fc.assert(
      fc.property(convolutions, fc.constantFrom(-3, 0, 3), (convolution, shift) => {
        const { batch, image, filter: filterSize, channels, strides, pad, seed } = convolution;
        fc.pre(typeof pad === 'string'); // tfjs's pools on wasm take no explicit margins
        const { cpu, wasm } = onBoth(() => {
          // Seven values in windows of up to 16 make ties the rule; the shift makes all windows ≤ 0 or ≥ 0.
          const input = tf.add(wholeNumbers([batch, ...image, channels], seed), shift) as tf.Tensor4D;
          const output = tf.maxPool(input, filterSize, strides, pad as 'same');
          const dy = wholeNumbers(output.shape, seed + 1);
          return runKernel('MaxPoolGrad', { dy, input, output }, { filterSize, strides, pad });
        });
        expect(wasm).toEqual(cpu);
      }),
      { numRuns: 60 },
    ));

  test('a matrix product with transposed operands is that of the cpu backend', () =>
    fc.assert(
      fc.property(
        fc.record({ batch: size(3), m: size(21), k: size(40), n: size(21), seed: fc.nat() }),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('both', 'left', 'right'),
        ({ batch, m, k, n, seed }, transposeA, transposeB, batched) => {
          const { cpu, wasm } = onBoth(() => {
            const left = transposeA ? [k, m] : [m, k];
            const right = transposeB ? [n, k] : [k, n];
            const a = wholeNumbers(batched === 'right' ? [1, ...left] : [batch, ...left], seed);
            const b = wholeNumbers(batched === 'left' ? [1, ...right] : [batch, ...right], seed + 1);
            return tf.matMul(a, b, transposeA, transposeB);
          });
          expect(wasm).toEqual(cpu);
        },
      ),
      { numRuns: 60 },
    ));

  test('a fused matrix product with transposed operands is that of the cpu backend', () =>
    fc.assert(
      fc.property(
        fc.record({ m: size(21), k: size(40), n: size(21), seed: fc.nat() }),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('linear' as const, 'relu' as const),
        ({ m, k, n, seed }, transposeA, transposeB, activation) => {
          const { cpu, wasm } = onBoth(() => {
            const a = wholeNumbers(transposeA ? [k, m] : [m, k], seed) as unknown as tf.Tensor2D;
            const b = wholeNumbers(transposeB ? [n, k] : [k, n], seed + 1) as unknown as tf.Tensor2D;
            const bias = wholeNumbers([n], seed + 2);
            return tf.fused.matMul({ a, b, transposeA, transposeB, bias, activation });
          });
          expect(wasm).toEqual(cpu);
        },
      ),
      { numRuns: 40 },
    ));

  // The properties above stay inside one block of every loop; these cross the borders of the blocks of gemm.ts (256 deep,
  // 65536 floats) and of simd-kernels.ts (65536 windows in a table, 131072 floats of patches).
  test.each([
    ['more depth than a block', [5, 600, 9]],
    ['more rows than a block', [300, 260, 9]],
    ['a tall product', [1030, 2, 17]],
  ] as const)('a matrix product with %s is that of the cpu backend', (_, [m, k, n]) => {
    const { cpu, wasm } = onBoth(() => {
      const left = wholeNumbers([k, m], 1) as tf.Tensor as tf.Tensor2D;
      const right = wholeNumbers([n, k], 2) as tf.Tensor as tf.Tensor2D;
      return tf.matMul(left, right, true, true);
    });
    expect(wasm).toEqual(cpu);
  });

  test.each([
    ['windows of several images in one sum', [40, 7, 7, 2], [2, 2, 2, 3]],
    ['tables of one image each', [2, 260, 260, 1], [1, 1, 1, 2]],
    ['patches in several blocks', [8, 12, 12, 20], [5, 5, 20, 3]],
  ] as const)('the gradients of a convolution with %s are those of the cpu backend', (_, image, filterShape) => {
    const attributes = { strides: 1, pad: 'valid', dataFormat: 'NHWC', filterShape, inputShape: image };
    const dyShape = [image[0], image[1] - filterShape[0] + 1, image[2] - filterShape[1] + 1, filterShape[3]];
    const filterGradient = onBoth(() => {
      const inputs = { x: wholeNumbers(image, 1), dy: wholeNumbers(dyShape, 2) };
      return runKernel('Conv2DBackpropFilter', inputs, attributes);
    });
    expect(filterGradient.wasm).toEqual(filterGradient.cpu);
    const inputGradient = onBoth(() => {
      const inputs = { dy: wholeNumbers(dyShape, 2), filter: wholeNumbers(filterShape, 3) };
      return runKernel('Conv2DBackpropInput', inputs, attributes);
    });
    expect(inputGradient.wasm).toEqual(inputGradient.cpu);
  });

  test('fractions give the numbers of the cpu backend up to rounding', () => {
    const attributes = { strides: 1, pad: 'valid', dataFormat: 'NHWC', filterShape: [3, 3, 5, 6] };
    const gradient = (fit: (x: tf.Tensor) => tf.Tensor) => () => {
      const x = fit(tf.div(wholeNumbers([4, 12, 12, 5], 1, 1000), 1000));
      const dy = fit(tf.div(wholeNumbers([4, 10, 10, 6], 2, 1000), 1000));
      return runKernel('Conv2DBackpropFilter', { x, dy }, attributes);
    };
    const { cpu, wasm } = onBoth(gradient((x) => x));
    // A float32 sum of n products is wrong by at most n · 2⁻²⁴ · Σ|x·dy|, in any order (Higham 2002, section 4.2; the
    // product itself is one of the n). Here n = 400; the cpu backend sums in double precision and rounds once.
    const magnitudes = valuesOn('cpu', gradient(tf.abs));
    wasm.forEach((value, i) => {
      expect(Math.abs(value - cpu[i]!)).toBeLessThanOrEqual(401 * 2 ** -24 * magnitudes[i]!);
    });
  });
});

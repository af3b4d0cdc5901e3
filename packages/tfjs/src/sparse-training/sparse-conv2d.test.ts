import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core's operations, which core by itself does not in Node
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm, valuesOn, wholeNumbers } from '../../test/backends.ts';
import { sparseTrainingAvailable } from './_memory.ts';
import { sparseConv2d, sparseDense } from './sparse-conv2d.ts';
import { packWeights, sparsePattern, unpackWeights } from './sparse-pattern.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  await startWasm();
});

const size = (max: number) => fc.integer({ min: 1, max });

// Densities 0 and 1 included; at the others, rows and columns without a weight are common in weights this small.
const cases = fc
  .record({
    batch: fc.constantFrom(1, 2, 3, 4, 5, 8, 13, 16, 27, 40),
    height: size(9),
    width: size(9),
    inChannels: size(4),
    outChannels: size(5),
    rows: size(4),
    columns: size(4),
    stride: fc.constantFrom(1, 1, 2, 3),
    padding: fc.constantFrom(0, 0, 1, 2),
    pool: fc.integer({ min: 1, max: 3 }),
    density: fc.constantFrom(0, 0.1, 0.3, 0.7, 1),
    packed: fc.boolean(),
    seed: fc.nat(),
  })
  .filter(({ height, width, rows, columns, padding, stride, pool }) => {
    const reach = (pool - 1) * stride - 2 * padding; // pixels beside the filter that the first window needs
    return height >= rows + reach && width >= columns + reach;
  });
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function maskOf(length: number, density: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 < density ? 1 : 0;
  });
}

/** tfjs's own convolution of the masked weights, in the layouts of the house. */
function denseConv2d(x: tf.Tensor, w: tf.Tensor, bias: tf.Tensor, { stride, padding, pool }: Case): tf.Tensor {
  const image = tf.transpose(x, [3, 1, 2, 0]) as tf.Tensor4D;
  const filter = tf.transpose(w, [2, 3, 1, 0]) as tf.Tensor4D;
  const margins = [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ];
  const y = tf.conv2d(image, filter, stride, margins as tf.backend_util.ExplicitPadding);
  return tf.transpose(tf.maxPool(tf.add(y, bias) as tf.Tensor4D, pool, pool, 'valid'), [3, 1, 2, 0]);
}

const flat = (tensors: readonly tf.Tensor[]): tf.Tensor => tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));

function convolutionAndGradients(kind: 'sparse' | 'dense', c: Case): tf.Tensor {
  const shape = [c.outChannels, c.inChannels, c.rows, c.columns];
  const mask = maskOf(
    shape.reduce((a, b) => a * b),
    c.density,
    c.seed,
  );
  const pattern = sparsePattern(mask, shape);
  const x = wholeNumbers([c.inChannels, c.height, c.width, c.batch], c.seed);
  const w = wholeNumbers(shape, c.seed + 1);
  const bias = wholeNumbers([c.outChannels], c.seed + 2);
  const packed = kind === 'sparse' && c.packed;
  const run = (image: tf.Tensor, weight: tf.Tensor, b: tf.Tensor) =>
    kind === 'dense'
      ? denseConv2d(image, tf.mul(weight, tf.tensor(mask, shape)), b, c)
      : sparseConv2d(image, weight, pattern, { bias: b, stride: c.stride, padding: c.padding, pool: c.pool });
  const weight = packed ? tf.tensor1d(packWeights(pattern, w.dataSync())) : w;
  const y = run(x, weight, bias);
  const dy = wholeNumbers(y.shape, c.seed + 3);
  const [dx, dw, db] = tf.grads((image, kernel, b) => run(image!, kernel!, b!))([x, weight, bias], dy);
  pattern.dispose();
  return flat([y, dx!, packed ? tf.tensor(unpackWeights(pattern, dw!.dataSync())) : dw!, db!]);
}

describe('sparseConv2d', () => {
  test('takes one kept weight to a shifted, scaled image', () => {
    const y = valuesOn('wasm', () => {
      const pattern = sparsePattern([0, 1, 0, 0], [1, 1, 2, 2]);
      const x = tf.tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
      const result = sparseConv2d(x, tf.tensor([99, 10, 99, 99], [1, 1, 2, 2]), pattern);
      pattern.dispose();
      return result;
    });
    expect([...y]).toEqual([20, 30, 50, 60]);
  });

  test('with its three gradients is the dense convolution of the masked weights on the cpu backend', () =>
    fc.assert(
      fc.property(cases, (c) => {
        const sparse = valuesOn('wasm', () => convolutionAndGradients('sparse', c));
        const dense = valuesOn('cpu', () => convolutionAndGradients('dense', c));
        expect(sparse).toEqual(dense); // small whole numbers: exact in any order of summation
      }),
      { numRuns: 50 },
    ));

  test('agrees on filters and runs as long as those of LeNet-5', () => {
    const sizes = { batch: 27, height: 12, width: 12, inChannels: 3, outChannels: 4, rows: 5, columns: 5 } as const;
    const layer: Case = { ...sizes, stride: 1, padding: 0, pool: 2, density: 0.3, packed: true, seed: 5 };
    const sparse = valuesOn('wasm', () => convolutionAndGradients('sparse', layer));
    const dense = valuesOn('cpu', () => convolutionAndGradients('dense', layer));
    expect(sparse).toEqual(dense);
  });

  test('gives pruned positions a gradient of exactly 0, whatever the weights hold there', () => {
    const mask = maskOf(2 * 3 * 9, 0.4, 3);
    const gradient = valuesOn('wasm', () => {
      const pattern = sparsePattern(mask, [2, 3, 3, 3]);
      const w = tf.fill([2, 3, 3, 3], Number.NaN);
      const dw = tf.grad((weights) => sparseConv2d(tf.ones([3, 5, 5, 4]), weights, pattern))(w);
      pattern.dispose();
      return dw;
    });
    expect([...gradient]).toEqual([...mask].map((kept) => (kept === 1 ? 36 : 0)));
  });

  test('computes no gradient of the images when only variables are asked for', () => {
    tf.setBackend('wasm');
    const pattern = sparsePattern([1, 1], [2, 1, 1, 1]);
    const x = tf.ones([1, 4, 4, 4]);
    const w = tf.variable(tf.ones([2]));
    const dy = tf.ones([2, 4, 4, 4]);
    const backend = tf.backend() as unknown as { makeOutput(shape: number[], ...rest: unknown[]): unknown };
    const made: string[] = [];
    const makeOutput = backend.makeOutput;
    backend.makeOutput = (shape, ...rest) => {
      made.push(shape.join());
      return makeOutput.call(backend, shape, ...rest);
    };
    tf.dispose(tf.grad((weights) => sparseConv2d(x, weights, pattern))(w, dy));
    backend.makeOutput = makeOutput;
    expect(made).toEqual(['2,4,4,4', '2']); // y and the gradient of w
    pattern.dispose();
    tf.dispose([x, w, dy]);
  });

  test('keeps the number of tensors over training steps', () => {
    tf.setBackend('wasm');
    const pattern = sparsePattern([1, 0, 1, 1], [2, 2, 1, 1]);
    const x = tf.ones([2, 3, 3, 4]);
    const w = tf.variable(tf.ones([3]));
    const step = () => tf.tidy(() => void tf.variableGrads(() => tf.sum(sparseConv2d(x, w, pattern)), [w]));
    step(); // makes the tables
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) step();
    expect(tf.memory().numTensors).toBe(before);
    pattern.dispose();
    expect(tf.memory().numTensors).toBe(before - 8);
    tf.dispose([x, w]);
  });

  test('leaves nothing behind when nothing is to be differentiated', () => {
    tf.setBackend('wasm');
    const pattern = sparsePattern([1, 0, 1, 1], [2, 2, 1, 1]);
    const [x, w] = [tf.ones([2, 3, 3, 4]), tf.ones([3])];
    sparseConv2d(x, w, pattern, { pool: 3 }).dispose(); // makes the tables
    const before = tf.memory().numBytes;
    sparseConv2d(x, w, pattern, { pool: 3 }).dispose();
    expect(tf.memory().numBytes).toBe(before);
    pattern.dispose();
    tf.dispose([x, w]);
  });

  test('still finds its operands after the memory has grown', () => {
    const y = valuesOn('wasm', () => {
      const pattern = sparsePattern([1], [1, 1, 1, 1]);
      const x = tf.tensor([1, 2, 3, 4], [1, 2, 2, 1]);
      const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
      const bytes = wasm.HEAPU8.length;
      const grown = tf.zeros([bytes / 4]);
      expect(wasm.HEAPU8.length).toBeGreaterThan(bytes);
      const result = sparseConv2d(x, tf.tensor1d([3]), pattern);
      grown.dispose();
      pattern.dispose();
      return result;
    });
    expect([...y]).toEqual([3, 6, 9, 12]);
  });

  test.each([
    ['another number of channels', [3, 4, 4, 2], [1, 2, 2, 2], {}, /"x" expected 2 channels, got 3/],
    ['an image smaller than the filter', [2, 1, 4, 2], [1, 2, 2, 2], {}, /at least the filter's 2 × 2 pixels/],
    ['a fractional stride', [2, 4, 4, 2], [1, 2, 2, 2], { stride: 1.5 }, /"stride" expected a whole number ≥ 1/],
    ['a pool that does not fit', [2, 4, 4, 2], [1, 2, 2, 2], { pool: 4 }, /"pool" expected 1…3, got 4/],
    ['a bias of another shape', [2, 4, 4, 2], [1, 2, 2, 2], { bias: [1, 2] }, /"bias" expected \[1\], got \[2\]/],
    ['weights of another shape', [2, 4, 4, 2], [2, 1, 2, 2], {}, /"w" expected \[1,2,2,2\] or packed \[8\]/],
  ])(
    'refuses %s',
    (_, xShape, wShape, { bias, ...options }: { bias?: number[]; stride?: number; pool?: number }, message) => {
      tf.setBackend('wasm');
      const pattern = sparsePattern(new Uint8Array(8).fill(1), [1, 2, 2, 2]);
      tf.tidy(() => {
        const all = bias === undefined ? options : { ...options, bias: tf.tensor1d(bias) };
        expect(() => sparseConv2d(tf.zeros(xShape), tf.zeros(wShape), pattern, all)).toThrow(message);
      });
    },
  );

  test('refuses whole-number tensors, whose bytes it would misread', () => {
    tf.setBackend('wasm');
    const pattern = sparsePattern([1], [1, 1, 1, 1]);
    tf.tidy(() => {
      expect(() => sparseConv2d(tf.zeros([1, 2, 2, 1], 'int32'), tf.zeros([1]), pattern)).toThrow(TypeError);
    });
  });

  test('says on another backend that the dense path is to be taken', () => {
    expect(sparseTrainingAvailable()).toBe(true);
    tf.setBackend('cpu');
    expect(sparseTrainingAvailable()).toBe(false);
    tf.tidy(() => {
      const pattern = sparsePattern([1], [1, 1]);
      expect(() => sparseDense(tf.ones([1, 1]), tf.ones([1, 1]), pattern)).toThrow(
        expect.objectContaining({ name: 'MissingPartError', code: 'no-sparse-training' }),
      );
    });
    tf.setBackend('wasm');
  });
});

describe('sparseDense', () => {
  test('with its gradients is the product with the masked matrix on the cpu backend', () =>
    fc.assert(
      fc.property(
        size(40),
        size(30),
        fc.constantFrom(1, 3, 4, 6, 23, 64),
        fc.constantFrom(0, 0.02, 0.3, 1),
        fc.nat(),
        (outputs, inputs, batch, density, seed) => {
          const mask = maskOf(outputs * inputs, density, seed);
          const compute = (multiply: (x: tf.Tensor, w: tf.Tensor, bias: tf.Tensor) => tf.Tensor) => () => {
            const operands = [[inputs, batch], [outputs, inputs], [outputs]].map((shape, i) =>
              wholeNumbers(shape, seed + i),
            );
            const y = multiply(...(operands as [tf.Tensor, tf.Tensor, tf.Tensor]));
            const gradients = tf.grads((x, w, b) => multiply(x!, w!, b!))(operands, wholeNumbers(y.shape, seed + 3));
            return flat([y, ...gradients]);
          };
          const pattern = sparsePattern(mask, [outputs, inputs]);
          tf.setBackend('wasm');
          pattern.tables();
          const sparse = valuesOn(
            'wasm',
            compute((x, w, bias) => sparseDense(x, w, pattern, bias)),
          );
          pattern.dispose();
          const masked = (w: tf.Tensor) => tf.mul(w, tf.tensor(mask, w.shape));
          const dense = valuesOn(
            'cpu',
            compute((x, w, bias) => tf.add(tf.matMul(masked(w), x), tf.reshape(bias, [-1, 1]))),
          );
          expect(sparse).toEqual(dense);
        },
      ),
      { numRuns: 60 },
    ));
});

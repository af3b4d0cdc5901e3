import { alexnet, initialize, lenet5, lenet300, squeezenet, vgg16 } from '@pare/architectures';
import { denseWeight, elementCount, type Layer, type Model, seededRandom, type Weight } from '@pare/core';
import { encodeModel } from '@pare/format';
import { preprocessImage } from '@pare/images';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { naive, randomNetwork } from '../test/_networks.ts';
import { createRuntime, NetworkError, type Runtime } from './index.ts';

const inputOf = (layers: readonly Layer[], seed = 1): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: elementCount(layers[0]!.outputShape) }, () => random.normal());
};

/** The greatest difference from one array per layer, as a share of the largest output. */
function difference(model: Model, runs = 1): number {
  const runtime = createRuntime(model);
  let worst = 0;
  for (let run = 0; run < runs; run++) {
    const input = inputOf(model.layers, run);
    const [ours, expected] = [runtime.runSync(input), naive(model, input)];
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    ours.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - expected[i]!) / largest);
    });
  }
  runtime.dispose();
  return worst;
}

const model = (layers: Layer[], weights: Model['weights'] = []): Model => ({ layers, weights, history: [] });
const random = () => seededRandom(1);

describe('computes what the layers say', () => {
  test.each<[string, Layer[]]>([
    ['LeNet-300-100', lenet300()],
    ['LeNet-5', lenet5()],
    ['a small AlexNet', alexnet({ classes: 10, side: 67 }).map(thin)],
    ['a small SqueezeNet', squeezenet({ classes: 10, side: 49, baseExpand: 32, expandIncrement: 16 })],
    [
      'a small SqueezeNet v1.1',
      squeezenet({ version: '1.1', classes: 10, side: 49, baseExpand: 32, expandIncrement: 16 }),
    ],
    [
      'with bypasses',
      squeezenet({ classes: 10, side: 49, baseExpand: 32, expandIncrement: 16, bypass: 'complex', softmax: true }),
    ],
    ['a small VGG', vgg16({ classes: 10, side: 32 }).map(thin)],
  ])('%s', (_, layers) => {
    expect(difference(initialize(layers, random()), 2)).toBeLessThan(1e-5);
  });

  test('layers that share memory in every way', () => {
    const choice = fc.record({ kind: fc.nat(7), from: fc.array(fc.nat(30), { minLength: 2, maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1, maxLength: 25 }), (choices) => {
        expect(difference(model(randomNetwork(choices)))).toBeLessThan(1e-5);
      }),
      { numRuns: 200 },
    );
  });

  test('every activation, batch normalisation, and softmax over maps', () => {
    const functions = [
      'relu6',
      'sigmoid',
      'tanh',
      'elu',
      'hardSigmoid',
      'hardSwish',
      'swish',
      'gelu',
      'leakyRelu',
    ] as const;
    const outputShape = [5, 3, 2];
    for (const name of functions) {
      const layers: Layer[] = [
        { kind: 'input', name: 'data', inputs: [], outputShape },
        {
          kind: 'batchnorm',
          name: 'bn',
          inputs: ['data'],
          outputShape,
          mean: 'mean',
          variance: 'variance',
          gamma: 'gamma',
          epsilon: 1e-3,
        },
        { kind: 'activation', name: 'act', inputs: ['bn'], outputShape, function: name },
        { kind: 'relu', name: 'relu', inputs: ['act'], outputShape },
        { kind: 'softmax', name: 'prob', inputs: ['relu'], outputShape },
      ];
      const weights = [
        denseWeight('mean', [5], Float32Array.of(1, -1, 0, 0.5, 2)),
        denseWeight('variance', [5], Float32Array.of(1, 2, 0.1, 4, 0.5)),
        denseWeight('gamma', [5], Float32Array.of(1, -1, 2, 0.5, 3)),
      ];
      expect(difference(model(layers, weights)), name).toBeLessThan(1e-5);
    }
  });
});

/** Fewer filters, for networks whose widths are fixed. */
function thin(layer: Layer, _: number, layers: readonly Layer[]): Layer {
  const shrink = (count: number): number => Math.max(2, count >> 4);
  const isLast = layer === layers.at(-1);
  const [channels = 1, ...rest] = layer.outputShape;
  const outputShape =
    layer.kind === 'input' || isLast
      ? layer.outputShape
      : [layer.kind === 'flatten' ? flat(layer, layers) : shrink(channels), ...rest];
  if (layer.kind === 'conv2d') return { ...layer, filters: outputShape[0]!, outputShape };
  if (layer.kind === 'dense') return { ...layer, units: outputShape[0]!, outputShape };
  return { ...layer, outputShape };

  function flat({ inputs }: Layer, all: readonly Layer[]): number {
    const [c = 1, h = 1, w = 1] = all.find(({ name }) => name === inputs[0])!.outputShape;
    return shrink(c) * h * w;
  }
}

describe('input and output', () => {
  const bytes = encodeModel(initialize(lenet5(), random()), { coding: 'fast' });

  test('from the bytes of a file, at once or awaited, into an array that is given', async () => {
    const runtime = createRuntime(bytes);
    const input = inputOf(lenet5());
    const expected = naive(initialize(lenet5(), random()), input);
    const out = new Float32Array(10);
    expect(runtime.runSync(input, out)).toBe(out);
    expect(await runtime.run(input)).toEqual(out);
    out.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
    expect([runtime.inputShape, runtime.outputShape, runtime.layers.length]).toEqual([[1, 28, 28], [10], 9]);
    expect(runtime.weightBytesPerRun).toBeGreaterThanOrEqual(4 * 431_080); // these weights are dense
    expect(runtime.kernels.map(({ layer }) => layer)).toEqual(['conv1', 'conv2', 'ip1', 'ip2']);
  });

  test('runs do not get into each other’s way, and leave inputs as they are', async () => {
    const runtime = createRuntime(bytes);
    const inputs = [1, 2, 3].map((seed) => inputOf(lenet5(), seed));
    const alone = inputs.map((input) => runtime.runSync(input));
    const copies = inputs.map((input) => input.slice());
    expect(await Promise.all(inputs.map((input) => runtime.run(input)))).toEqual(alone);
    expect(inputs).toEqual(copies);
  });

  test('a picture becomes what preprocessImage makes of it', () => {
    const layers: Layer[] = [
      {
        kind: 'input',
        name: 'data',
        inputs: [],
        outputShape: [3, 4, 4],
        preprocess: { resize: 5, scale: 1 / 255, mean: [0.5, 0.4, 0.3], channelOrder: 'bgr' },
      },
      { kind: 'relu', name: 'relu', inputs: ['data'], outputShape: [3, 4, 4] },
    ];
    const data = Uint8ClampedArray.from({ length: 9 * 7 * 4 }, (_, i) => (i * 37) % 256);
    const preprocess = { resize: 5, scale: 1 / 255, mean: [0.5, 0.4, 0.3], channelOrder: 'bgr' } as const;
    const expected = preprocessImage(
      { width: 9, height: 7, channels: 4, data: new Uint8Array(data) },
      preprocess,
      [3, 4, 4],
    );
    expect(createRuntime(model(layers)).runSync({ width: 9, height: 7, data })).toEqual(
      expected.map((value) => Math.max(0, value)),
    );
  });

  test('wrong inputs are refused before anything runs', async () => {
    const runtime = createRuntime(bytes);
    const input = inputOf(lenet5());
    expect(() => runtime.runSync(new Float32Array(3))).toThrow(/expected 784 numbers for \[1, 28, 28\]/);
    expect(() => runtime.runSync(input, new Float32Array(3))).toThrow(/"out" expected 10 numbers, got 3/);
    expect(() => runtime.runSync({ width: 2, height: 2, data: new Uint8Array(3) })).toThrow(/expected 16 bytes/);
    input[7] = Number.NaN;
    await expect(runtime.run(input)).rejects.toThrow(
      'layer "data": "input" expected finite numbers, got NaN at index 7',
    );
  });

  test('a weight that is not finite is refused, naming the layer', () => {
    const broken = initialize(lenet5(), random());
    const { form } = broken.weights[2]!;
    if (form.kind === 'dense') form.values[5] = Infinity;
    expect(() => createRuntime(broken)).toThrow(NetworkError);
    expect(() => createRuntime(broken)).toThrow('layer "conv2": the weight "conv2/kernel" expected finite numbers');
  });

  test('weights that are not what they say are refused, naming the layer', () => {
    const honest = initialize(lenet300(), random());
    const refusal = (change: (weight: Weight) => Weight): (() => Runtime) => {
      const weights = honest.weights.map((weight) => (weight.name === 'ip2/bias' ? change(weight) : weight));
      return () => createRuntime({ ...honest, weights });
    };
    const [codebook, mask] = [Float32Array.of(0.5), new Uint8Array(100).fill(1)];
    const shared = (indices: Uint16Array, kept = mask): Weight['form'] => ({
      ...{ kind: 'shared', codebook, indices, mask: kept },
    });
    // A bias of one number made ninety-nine of whatever lay behind it.
    expect(refusal((weight) => ({ ...weight, form: { kind: 'dense', values: Float32Array.of(1) } }))).toThrow(
      'layer "ip2": the numbers of the weight "ip2/bias" expected 100 for [100], got 1',
    );
    expect(refusal((weight) => ({ ...weight, form: shared(new Uint16Array(100), mask.subarray(1)) }))).toThrow(
      'layer "ip2": the mask of the weight "ip2/bias" expected 100 for [100], got 99',
    );
    expect(refusal((weight) => ({ ...weight, form: shared(new Uint16Array(100).fill(1, 7)) }))).toThrow(
      'layer "ip2": the weight "ip2/bias" expected indices < 1, got 1 at index 7',
    );
    const [first] = honest.weights;
    const twice = [...honest.weights, { ...first!, shape: [1] }];
    expect(() => createRuntime({ ...honest, weights: twice })).toThrow('two weights have the name "ip1/kernel"');
  });

  test('a variance below zero is refused', () => {
    const outputShape = [2];
    const layers: Layer[] = [
      { kind: 'input', name: 'data', inputs: [], outputShape },
      { kind: 'batchnorm', name: 'bn', inputs: ['data'], outputShape, mean: 'm', variance: 'v', epsilon: 0.1 },
    ];
    const weights = [denseWeight('m', [2], Float32Array.of(0, 0)), denseWeight('v', [2], Float32Array.of(1, -0.2))];
    expect(() => createRuntime(model(layers, weights))).toThrow(
      'layer "bn": gamma / √(variance + epsilon) expected finite numbers, got NaN at index 1',
    );
  });

  test('what is neither a file nor a model is refused', () => {
    const buffer = bytes.slice().buffer as unknown as Uint8Array; // what fetch's arrayBuffer() gives
    expect(() => createRuntime(buffer)).toThrow('createRuntime: "source" expected a Uint8Array, or a model');
  });

  test('what is neither numbers nor a picture is refused', () => {
    const runtime = createRuntime(bytes);
    for (const odd of [undefined, [1, 2], { width: 1, height: 1, data: [0, 0, 0, 0] }]) {
      expect(() => runtime.runSync(odd as unknown as Float32Array)).toThrow(
        'run: "input" expected a Float32Array, or pixels { width, height, data: Uint8ClampedArray }',
      );
    }
    const floats = { width: 2, height: 2, data: new Float32Array(16) as unknown as Uint8Array };
    expect(() => runtime.runSync(floats)).toThrow('"data" expected 16 bytes, RGBA of 2 × 2, got 64');
  });

  test('more memory than allowed is refused, before anything runs', () => {
    expect(() => createRuntime(bytes, { maximumBytes: 2 ** 20 })).toThrow(RangeError);
    // What a run needs for itself is larger here than all the rest: planes with all the zeros that strides step over.
    const layers: Layer[] = [
      { kind: 'input', name: 'data', inputs: [], outputShape: [1, 256, 256] },
      {
        ...{
          kind: 'conv2d',
          name: 'conv',
          inputs: ['data'],
          outputShape: [1, 257, 1],
          kernel: 'w',
          filters: 1,
          groups: 1,
        },
        ...{ kernelSize: [1, 1], stride: [256, 256], padding: [65536, 0, 0, 0] },
      },
    ];
    const weights = [denseWeight('w', [1, 1, 1, 1], Float32Array.of(1))];
    expect(() => createRuntime(model(layers, weights), { maximumBytes: 2 ** 24 })).toThrow(/"bytes" expected at most/);
  });

  test('memory is what was taken, and a run takes no more', () => {
    const runtime = createRuntime(bytes);
    const { memoryBytes } = runtime;
    runtime.runSync(inputOf(lenet5()));
    expect(runtime.memoryBytes).toBe(memoryBytes);
    expect(memoryBytes).toBeGreaterThan(4 * 431_080);
    expect(() => createRuntime(bytes, { maximumBytes: memoryBytes })).toThrow(RangeError);
    createRuntime(bytes, { maximumBytes: memoryBytes + 2 ** 17 }).runSync(inputOf(lenet5()));
  });

  test('warmUp needs no this', async () => {
    const { warmUp } = createRuntime(bytes);
    await warmUp();
  });

  test('after disposal nothing runs, and nothing is held', async () => {
    const runtime = createRuntime(bytes);
    runtime.dispose();
    runtime.dispose();
    expect(runtime.memoryBytes).toBe(0);
    expect(() => runtime.runSync(inputOf(lenet5()))).toThrow('disposed');
    await expect(runtime.run(inputOf(lenet5()))).rejects.toThrow('disposed');
  });
});

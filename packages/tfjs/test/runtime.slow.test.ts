import { existsSync, readFileSync } from 'node:fs';
import { alexnet, initialize, lenet5, lenet300, squeezenet, vgg16, withWeights } from '@pare/architectures';
import { elementCount, type Layer, type Model, run, seededRandom } from '@pare/core';
import { importModel, memorySource } from '@pare/interop';
import { magnitudePrune } from '@pare/pruning';
import { createRuntime } from '@pare/runtime';
import { beforeAll, expect, test } from 'vitest';
import { answersOf, startWasm } from '../src/index.ts';

// The runtime, which knows nothing of tfjs, against tfjs: whole networks, dense and pruned.

const folder = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;

beforeAll(startWasm);

/** The greatest difference, as a share of the largest output. */
async function difference(model: Model): Promise<number> {
  const shape = model.layers[0]!.outputShape;
  const pixels = Float32Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(0.37 * i) + Math.cos(0.011 * i));
  const runtime = createRuntime(model);
  const ours = await runtime.run(pixels);
  runtime.dispose();
  const theirs = await answersOf(model, { pixels, count: 1, shape });
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0) / largest;
}

async function pruned(layers: readonly Layer[]): Promise<Model> {
  const random = seededRandom(1);
  return run(initialize(layers, random), [magnitudePrune({ keep: 0.2 })], { random });
}

test.each<[string, Layer[]]>([
  ['LeNet-300-100', lenet300()],
  ['LeNet-5', lenet5()],
  ['SqueezeNet v1.0', squeezenet()],
  ['SqueezeNet v1.1', squeezenet({ version: '1.1' })],
  ['SqueezeNet v1.0 with bypasses, on small images', squeezenet({ bypass: 'complex', side: 99 })],
  ['AlexNet, a sixteenth as wide, on smaller images', alexnet({ classes: 20, side: 131 }).map(thin)],
  ['VGG-16, a sixteenth as wide, on smaller images', vgg16({ classes: 20, side: 64 }).map(thin)],
])('%s answers as on tfjs, dense and pruned', async (_, layers) => {
  expect(await difference(initialize(layers, seededRandom(1)))).toBeLessThan(1e-4);
  expect(await difference(await pruned(layers))).toBeLessThan(1e-4);
});

test.each([
  ['1.0', 'squeezenet_v1.0_caffe_dense'],
  ['1.1', 'squeezenet_v1.1_dense'],
] as const)('SqueezeNet v%s with its real weights answers as on tfjs', async (version, name) => {
  const path = `${folder}/squeezenet/${name}.safetensors`;
  if (!existsSync(path)) {
    console.warn(`skipped: no ${path}; set PARE_DATA to the data folder`);
    return;
  }
  const { model } = await importModel(memorySource({ [`${name}.safetensors`]: readFileSync(path) }));
  expect(await difference(withWeights(squeezenet({ version }), model.weights))).toBeLessThan(1e-4);
});

/** A sixteenth of the channels, for networks whose widths are fixed. */
function thin(layer: Layer, index: number, layers: readonly Layer[]): Layer {
  const [channels = 1, ...rest] = layer.outputShape;
  const few = (count: number): number => Math.max(2, count >> 4);
  const isKept = index === 0 || index === layers.length - 1;
  const source = layers.find(({ name }) => name === layer.inputs[0]);
  const flat = (): number => few(source!.outputShape[0]!) * elementCount(source!.outputShape.slice(1));
  const outputShape = isKept ? layer.outputShape : [layer.kind === 'flatten' ? flat() : few(channels), ...rest];
  if (layer.kind === 'conv2d') return { ...layer, filters: outputShape[0]!, outputShape };
  if (layer.kind === 'dense') return { ...layer, units: outputShape[0]!, outputShape };
  return { ...layer, outputShape };
}

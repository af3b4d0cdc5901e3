import { type CompressSettings, compressModel } from '@pare/compress';
import { decodeModel, encodeModel } from '@pare/format';
import { memorySource } from '@pare/interop';
import { tfjsExporter, tfjsGraph } from '@pare/interop/tfjs';
import { referenceForward, same } from '@pare/testkit';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { pareFile } from '../src/load.ts';
import { sparsify } from '../src/sparse.ts';
import { graphModel } from './_graph-model.ts';

const { files, inputShape } = graphModel();

/** What tfjs itself makes of the files. */
function handlerOf(files: ReadonlyMap<string, Uint8Array>): tf.io.IOHandler {
  const { weightsManifest, ...json } = JSON.parse(new TextDecoder().decode(files.get('model.json')));
  const paths = weightsManifest.flatMap((group: { paths: string[] }) => group.paths);
  return {
    load: async () => ({
      ...json,
      weightSpecs: weightsManifest.flatMap((group: { weights: object[] }) => group.weights),
      weightData: paths.map((path: string) => files.get(path)!.slice().buffer),
    }),
  };
}

const read = async (given = files) => tfjsGraph.read(memorySource(given));

function draw(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * i + 1));
}

async function predict(net: GraphModel, values = draw(13 * 12 * 3)): Promise<Float32Array> {
  const input = tf.tensor(values, [...inputShape]);
  const output = net.predict(input) as tf.Tensor;
  const result = (await output.data<'float32'>()).slice();
  tf.dispose([input, output]);
  return result;
}

describe('a graph model with float16, uint8 and uint16 shards', () => {
  test('becomes layers', async () => {
    const { model, notes } = await read();
    expect(notes).toMatchInlineSnapshot(`
      [
        ""scaled": Mul cannot be represented; it keeps its place",
        ""net/squashed": Softplus cannot be represented; it keeps its place",
      ]
    `);
    expect(model.layers.map((l) => `${l.kind} ${l.name} ${l.outputShape}`)).toMatchInlineSnapshot(`
      [
        "input image 3,13,12",
        "foreign scaled 3,13,12",
        "conv2d net/conv1 8,7,6",
        "relu net/conv1/relu 8,7,6",
        "conv2d net/depthwise 16,7,6",
        "activation net/depthwise/relu6 16,7,6",
        "conv2d net/point 24,7,6",
        "batchnorm net/norm 24,7,6",
        "relu net/norm/relu 24,7,6",
        "conv2d net/shortcut 24,7,6",
        "add net/sum 24,7,6",
        "concat net/both 40,7,6",
        "pool net/pool 40,4,3",
        "pool net/mean 40,1,1",
        "flatten net/mean/flatten 40",
        "flatten net/flat 480",
        "dense net/hidden 40",
        "activation net/hidden/elu 40",
        "add net/joined 40",
        "dense net/logits 7",
        "foreign net/squashed 7",
        "softmax answer 7",
      ]
    `);
    expect(model.weights.map((w) => `${w.form.kind} ${w.name} ${w.shape}`)).toMatchInlineSnapshot(`
      [
        "dense net/conv1/kernel 8,3,3,3",
        "dense net/conv1/bias 8",
        "dense net/depthwise/kernel 16,1,3,3",
        "dense net/depthwise/bias 16",
        "dense net/point/kernel 24,16,1,1",
        "dense net/norm/gamma 24",
        "dense net/norm/beta 24",
        "dense net/norm/mean 24",
        "dense net/norm/variance 24",
        "dense net/shortcut/kernel 24,8,3,3",
        "dense net/shortcut/bias 24",
        "shared net/hidden/kernel 40,480",
        "dense net/hidden/bias 40",
        "dense net/logits/kernel 7,40",
        "dense net/logits/bias 7",
      ]
    `);
  });

  test('becomes layers that compute what it computes', async () => {
    const plain = graphModel({ foreign: false });
    const { model, notes } = await tfjsGraph.read(memorySource(plain.files));
    expect(notes).toEqual([]);
    await tf.setBackend('cpu');
    const values = draw(13 * 12 * 3);
    const channelsFirst = values.map((_, i) => values[(i % 156) * 3 + Math.floor(i / 156)]!);
    const expected = await predict(await loadGraphModel(handlerOf(plain.files)), values);
    const actual = referenceForward(model, channelsFirst);
    // Sums of up to 480 products of float32 in another order: 480 · 2⁻²⁴ relative, of logits up to 20.
    for (const [i, value] of expected.entries()) expect(Math.abs(actual[i]! - value)).toBeLessThan(5e-4);
  });

  test.each(['cpu', 'wasm'])('goes through a .pare file and comes back as itself, on %s', async (backend) => {
    await tf.setBackend(backend);
    const bytes = encodeModel((await read()).model);
    const source = handlerOf(files);
    const before = await source.load!();
    const after = await pareFile(bytes).load();
    const { weightSpecs: specs, weightData: data, ...json } = before;
    const { weightSpecs, weightData, ...rest } = after;
    expect(rest).toEqual(json);
    const tensors = tf.io.decodeWeights(data!, specs!);
    const loaded = tf.io.decodeWeights(weightData!, weightSpecs!);
    expect(Object.keys(loaded)).toEqual(Object.keys(tensors));
    for (const [name, tensor] of Object.entries(tensors)) {
      expect([name, loaded[name]!.shape, loaded[name]!.dtype]).toEqual([name, tensor.shape, tensor.dtype]);
      expect(loaded[name]!.dataSync()).toEqual(tensor.dataSync());
    }
    const expected = await predict(await loadGraphModel(source));
    expect(await predict(await loadGraphModel(pareFile(bytes)))).toEqual(expected);
  });

  test('is written again with the same shards, and a second pass gives the same file', async () => {
    const bytes = encodeModel((await read()).model);
    const written = await tfjsExporter.write(decodeModel(bytes), 'model');
    expect(written.notes).toEqual([]);
    const shards = (of: ReadonlyMap<string, Uint8Array>) => Buffer.concat([...of.values()].slice(1));
    expect(shards(written.files).equals(shards(files))).toBe(true);
    const again = await read(written.files);
    expect(same(encodeModel(again.model), bytes)).toBe(true);
    expect(same(encodeModel(decodeModel(bytes)), bytes)).toBe(true);
  });

  test.each<[CompressSettings, number]>([
    [{ lossless: true }, 0],
    [{}, 0.03],
    [{ snr: 20 }, 0.2],
  ])('is compressed by %o, with close answers; a second pass changes nothing', async (settings, off) => {
    await tf.setBackend('wasm');
    const { bytes } = await compressModel((await read()).model, settings);
    const { weightSpecs: _, weightData: __, ...json } = await handlerOf(files).load!();
    expect(await pareFile(bytes).load()).toMatchObject(json);
    const expected = await predict(await loadGraphModel(handlerOf(files)));
    const answers = await predict(await loadGraphModel(pareFile(bytes)));
    const difference = Math.max(...answers.map((answer, i) => Math.abs(answer - expected[i]!)));
    expect(difference).toBeLessThanOrEqual(off);
    const second = await compressModel(decodeModel(bytes), settings);
    expect(second.bytes).toEqual(bytes);
    const written = await tfjsExporter.write(decodeModel(bytes), 'model');
    const third = await compressModel((await read(written.files)).model, settings);
    expect(third.bytes.length).toBeLessThanOrEqual(bytes.length);
    expect(await predict(await loadGraphModel(pareFile(third.bytes)))).toEqual(answers);
  });
});

test('a graph model with sparse kernels answers as without', async () => {
  await tf.setBackend('wasm');
  const net = await loadGraphModel(handlerOf(files));
  const dense = await predict(net);
  const sparsified = sparsify(net, { maxDensity: 1, kernels: 'sparse' });
  const sparse = await predict(net);
  const most = dense.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  expect(Math.max(...sparse.map((value, i) => Math.abs(value - dense[i]!)))).toBeLessThan(1e-4 * most);
  expect(sparsified.choices.map(({ kernel }) => kernel)).toContain('sparse-conv2d');
  sparsified.dispose();
  expect(same(await predict(net), dense)).toBe(true);
  net.dispose();
});

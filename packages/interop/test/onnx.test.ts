import { readFileSync } from 'node:fs';
import { type Layer, type Model, weightNames } from '@pare/core';
import { describeImporter, hardModels, referenceForward, smallNetwork } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { exporters, importModel, memorySource } from '../src/index.ts';
import { onnx } from '../src/onnx/read.ts';
import { MODEL, type ModelProto } from '../src/onnx/schema.ts';
import { encodeMessage } from '../src/protobuf/encode.ts';
import { numbersOf, shapesOf, utf8 } from './_samples.ts';

interface Case {
  readonly model: string;
  readonly input?: readonly number[];
  readonly output?: readonly number[];
  readonly data?: string;
  readonly values?: readonly number[];
}
const { cases } = JSON.parse(readFileSync(new URL('vectors/onnx.json', import.meta.url), 'utf8')) as {
  readonly cases: Readonly<Record<string, Case>>;
};
const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const bytesOf = (name: string) => base64(cases[name]!.model);
const wiring = (layers: readonly Layer[]) =>
  layers.map(({ name, kind, inputs, outputShape }) => `${kind} ${name}(${inputs}) ${outputShape.join('×')}`);
/** The largest difference from what onnxruntime computed, which adds float32 in an order of its own. */
function expectSame(name: string, model: Model): void {
  const { input = [], output = [] } = cases[name]!;
  const computed = referenceForward(model, input);
  expect(computed).toHaveLength(output.length);
  computed.forEach((value, i) => {
    expect(Math.abs(value - output[i]!)).toBeLessThan(1e-5);
  });
}
const { write } = exporters.find(({ id }) => id === 'onnx')!;
const again = async (model: Model) => {
  const { files, notes } = await write(model, 'again');
  return { ...(await importModel(memorySource(files))), written: notes };
};

describeImporter('onnx', onnx, {
  runs: 400,
  samples: [
    {
      name: 'a network',
      files: new Map([['a.onnx', bytesOf('network')]]),
      check({ model }) {
        expect(wiring(model.layers)).toEqual([
          'input x() 2×7×5',
          'conv2d conv1(x) 4×4×5',
          'batchnorm bn(conv1) 4×4×5',
          'relu relu(bn) 4×4×5',
          'pool pool(relu) 4×2×3',
          'conv2d conv2(pool) 4×2×2',
          'activation clip(conv2) 4×2×2',
          'conv2d conv3(pool) 3×2×2',
          'conv2d conv4(clip) 4×2×2',
          'pool mean(conv4) 4×2×2',
          'lrn lrn(mean) 4×2×2',
          'concat concat(lrn,mean) 8×2×2',
          'flatten flat(concat) 32',
          'dense fc(flat) 5',
          'activation tanh(fc) 5',
          'dense fc2(tanh) 4',
          'softmax prob(fc2) 4',
        ]);
        expect(model.layers[5]).toMatchObject({ kernel: 'c2.w', bias: 'c2.b', groups: 2, dilation: [2, 1] });
        expect(shapesOf(model)).toMatchObject({ 'fc.w': [5, 32], 'fc2.w': [4, 5], 'c2.b': [4], 'fc.b': [5] });
        expectSame('network', model);
      },
    },
    {
      name: 'activations',
      files: new Map([['a.onnx', bytesOf('activations')]]),
      check({ model }) {
        expect(model.layers.map((layer) => (layer.kind === 'activation' ? layer.function : layer.kind))).toEqual([
          'input',
          ...['sigmoid', 'tanh', 'elu', 'leakyRelu', 'hardSigmoid', 'hardSwish', 'gelu', 'swish', 'hardSwish'],
          ...['add', 'pool', 'flatten'],
        ]);
        expectSame('activations', model);
      },
    },
    {
      name: 'several types',
      files: new Map([['a.onnx', bytesOf('types')]]),
      notes: ['"unused" is taken by no layer', '"counter" holds INT64', '"double" is taken', '"brain" is taken'],
      check({ model }) {
        expect(shapesOf(model)).toEqual({ w: [2, 3, 1, 1], 'ip.w': [3, 2], unused: [2], double: [1], brain: [2] });
        expect(numbersOf(model)).toMatchObject({ unused: [1.5, -2], double: [Math.fround(0.1)], brain: [1.5, -3] });
        expectSame('types', model);
      },
    },
    {
      name: 'with layers unknown here',
      files: new Map([['a.onnx', bytesOf('foreign')]]),
      notes: [
        'input "x" takes data of any size',
        '"resize" (Resize)',
        '"prelu" (PRelu)',
        '"tokens" (Reshape)',
        '"proj" (MatMul) cannot be run here: its input is no vector',
      ],
      check({ model }) {
        expect(wiring(model.layers)).toEqual([
          'input x() 1×0×0',
          'conv2d conv1(x) 2×0×0',
          'foreign resize(conv1) 2×0×0', // its channels are known from conv2's kernel
          'conv2d conv2(resize) 2×0×0',
          'foreign prelu(conv2) 2×0×0',
          'foreign tokens(prelu) 8×2',
          'foreign proj(tokens) ',
        ]);
        expect(shapesOf(model)).toEqual({
          c1: [2, 1, 1, 1],
          scales: [4],
          c2: [2, 2, 1, 1],
          slope: [2, 1, 1],
          proj: [2, 3], // as it is in the file
        });
      },
    },
    {
      name: 'with a file beside it',
      files: new Map([
        ['a.onnx', bytesOf('external')],
        ['data/weights.bin', base64(cases.external!.data!)],
      ]),
      check: ({ model }) => expect(Object.values(numbersOf(model)).flat()).toEqual(cases.external!.values),
    },
  ],
  strangers: [{ name: 'a.onnx', bytes: utf8('version https://git-lfs.github.com/spec/v1\noid sha256:00\n') }],
});

describe('ONNX', () => {
  test('asks for the file beside it by name, and says what of it is absent', async () => {
    const model = bytesOf('external');
    await expect(importModel(memorySource({ 'a.onnx': model }))).rejects.toThrow(
      '"a.onnx" needs "data/weights.bin" beside it, which is not there',
    );
    const data = base64(cases.external!.data!).subarray(0, 30);
    await expect(importModel(memorySource({ 'a.onnx': model, 'data/weights.bin': data }))).rejects.toThrow(
      '"b" takes bytes 24 to 36 of "data/weights.bin", which has 30',
    );
  });

  test('one tensor that many nodes take anew is refused where it fills the memory', async () => {
    const bytes = new Uint8Array(2 ** 20);
    const scale = Float32Array.of(0.5);
    const model = encodeMessage(MODEL, {
      ir_version: 8,
      opset_import: [{ version: 17 }],
      graph: {
        input: [{ name: 'x' }],
        initializer: [
          { name: 'q', dims: [2 ** 20], data_type: 3, raw_data: bytes },
          { name: 's', dims: [], data_type: 1, float_data: scale },
        ],
        node: Array.from({ length: 40 }, (_, i) => [
          { op_type: 'DequantizeLinear', input: ['q', 's'], output: [`w${i}`] },
          { op_type: 'Unknown', input: ['x', `w${i}`], output: [`y${i}`] },
        ]).flat(),
      },
    } as ModelProto);
    await expect(importModel(memorySource({ 'a.onnx': model }))).rejects.toThrow(
      expect.objectContaining({ name: 'CorruptDataError', code: 'limit' }),
    );
  });

  test.each(['network', 'activations', 'types'])(
    'writes "%s" so that it computes the same when read again',
    async (name) => {
      const { model } = await importModel(memorySource({ 'a.onnx': bytesOf(name) }));
      const { model: back, written } = await again(model);
      expectSame(name, back);
      expect(numbersOf(back)).toEqual(numbersOf(model));
      expect(written.every((note) => note.includes('is taken by no layer'))).toBe(true);
    },
  );

  test('writes a network of the house and reads it as it was', async () => {
    const model = smallNetwork();
    const { model: back, notes, written } = await again(model);
    expect([notes, written]).toEqual([[], []]);
    expect({ ...back, history: [] }).toEqual({ ...model, history: [] });
  });

  test('writes the same bytes each time, and whatever hangs together', async () => {
    for (const { value: model } of hardModels(['dense', 'masked', 'shared'])) {
      if (model.layers.length === 0) continue;
      const { files } = await write(model, 'a');
      expect((await write(model, 'a')).files).toEqual(files);
      const { model: back } = await importModel(memorySource(files));
      const wanted = new Set(model.layers.flatMap((layer) => weightNames(layer).map(({ name }) => name)));
      expect(numbersOf(back)).toEqual(
        Object.fromEntries(Object.entries(numbersOf(model)).filter(([name]) => wanted.has(name))),
      );
    }
  });

  test('says what it cannot write', async () => {
    const { model } = await importModel(memorySource({ 'a.onnx': bytesOf('foreign') }));
    await expect(write(model, 'a')).rejects.toThrow('onnx: layer "resize" is foreign ("Resize")');
    await expect(write({ ...model, layers: [] }, 'a')).rejects.toThrow('onnx: "model" has no layers');
    const [input, ...layers] = smallNetwork({ kind: 'shared' }).layers as [Layer, ...Layer[]];
    const preprocessed = { ...input, preprocess: { scale: 0.5 } } as Layer;
    const { notes } = await write({ ...smallNetwork({ kind: 'shared' }), layers: [preprocessed, ...layers] }, 'a');
    expect(notes).toEqual([
      'input "data" is preprocessed ({"scale":0.5}), which ONNX does not keep',
      expect.stringContaining('Masks and codebooks are not kept'),
    ]);
  });
});

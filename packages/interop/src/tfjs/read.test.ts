import { type ImportedModel, type Model, weightOf } from '@pare/core';
import { describeImporter } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../source.ts';
import { tfjsGraph, tfjsLayers } from './read.ts';
import { tfjsExporter, toModelArtifacts } from './write.ts';

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const bytes = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const filesOf = (json: unknown, shards: Readonly<Record<string, Uint8Array>> = {}): Map<string, Uint8Array> =>
  new Map([['model.json', text(json)], ...Object.entries(shards)]);

const numbers = (count: number, at: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => at(i));

/** [2, 2, 1] → convolution 1 × 1 of 2 filters → flatten → dense of 3. */
const layersFiles = filesOf(
  {
    format: 'layers-model',
    generatedBy: 'TensorFlow.js tfjs-layers v4.22.0',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config: {
        name: 'small',
        layers: [
          {
            class_name: 'Conv2D',
            config: {
              name: 'conv',
              batch_input_shape: [null, 2, 2, 1],
              filters: 2,
              kernel_size: [1, 1],
              activation: 'relu',
            },
          },
          { class_name: 'Flatten', config: { name: 'flatten' } },
          { class_name: 'Dense', config: { name: 'ip', units: 3, activation: 'softmax' } },
        ],
      },
      keras_version: 'tfjs-layers 4.22.0',
    },
    weightsManifest: [
      {
        paths: ['a.bin'],
        weights: [
          { name: 'conv/kernel', shape: [1, 1, 1, 2], dtype: 'float32' },
          { name: 'conv/bias', shape: [2], dtype: 'float32' },
        ],
      },
      {
        paths: ['b1.bin', 'b2.bin'],
        weights: [
          { name: 'ip/kernel', shape: [8, 3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.1, min: -1 } },
          { name: 'ip/bias', shape: [3], dtype: 'float32', quantization: { dtype: 'float16' } },
        ],
      },
    ],
  },
  {
    'a.bin': floats(1, -1, 0.5, 0.25),
    'b1.bin': Uint8Array.from({ length: 20 }, (_, i) => i % 5),
    'b2.bin': Uint8Array.of(0, 1, 2, 3, 0x55, 0x35, 0, 0xbc, 1, 0),
  },
);

/** A product, with a text, some whole numbers and a flag beside it. */
const graphFiles = filesOf(
  {
    format: 'graph-model',
    modelTopology: {
      node: [
        { name: 'x', op: 'Placeholder', attr: { shape: { shape: { dim: [{ size: '-1' }, { size: '4' }] } } } },
        { name: 'w', op: 'Const' },
        { name: 'b', op: 'Const' },
        { name: 'words', op: 'Const' },
        {
          name: 'y',
          op: '_FusedMatMul',
          input: ['x', 'w', 'b', '^words'],
          attr: { fused_ops: { list: { s: ['Qmlhc0FkZA==', 'UmVsdQ=='] } } },
        },
        { name: 'z', op: 'Einsum', input: ['y', 'y'] },
      ],
      versions: {},
    },
    weightsManifest: [
      {
        paths: ['w.bin'],
        weights: [
          { name: 'w', shape: [4, 2], dtype: 'float32' },
          { name: 'b', shape: [2], dtype: 'float32' },
          { name: 'words', shape: [2], dtype: 'string' },
          { name: 'steps', shape: [2], dtype: 'int32' },
          { name: 'on', shape: [], dtype: 'bool' },
          { name: 'never', shape: [1], dtype: 'float32' },
        ],
      },
    ],
  },
  {
    'w.bin': bytes(
      floats(...numbers(8, (i) => i)),
      floats(5, 6),
      Uint8Array.of(2, 0, 0, 0, 104, 105, 0, 0, 0, 0),
      Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255, 1),
      floats(Infinity),
    ),
  },
);

const dense = (model: Model, name: string): number[] => {
  const { form } = weightOf(model, name);
  return 'values' in form ? [...form.values] : Array.from(form.indices, (index) => form.codebook[index]!);
};

describeImporter('tfjs-layers', tfjsLayers, {
  samples: [{ name: 'a small network', files: layersFiles, check: checkLayers }],
  strangers: [{ name: 'model.json', bytes: graphFiles.get('model.json')! }],
});
describeImporter('tfjs-graph', tfjsGraph, {
  samples: [{ name: 'a product', files: graphFiles, notes: ['"z": Einsum cannot be represented'], check: checkGraph }],
  strangers: [{ name: 'model.json', bytes: layersFiles.get('model.json')! }],
});

function checkLayers({ model }: ImportedModel): void {
  expect(model.name).toBe('small');
  expect(model.layers.map(({ kind, name, outputShape }) => `${kind} ${name} ${outputShape}`)).toEqual([
    'input data 1,2,2',
    'conv2d conv 2,2,2',
    'relu conv/relu 2,2,2',
    'flatten flatten 8',
    'dense ip 3',
    'softmax ip/softmax 3',
  ]);
  expect(dense(model, 'conv/kernel')).toEqual([1, -1]);
  // Row h·4 + w·2 + c, column k of tfjs is row k, column c·4 + h·2 + w here; numbers are (i mod 5) / 10 − 1.
  const stored = numbers(24, (i) => Math.fround((i < 20 ? i % 5 : i - 20) * 0.1 - 1));
  const expected = numbers(24, (i) => {
    const [k, c, pixel] = [Math.floor(i / 8), Math.floor((i % 8) / 4), i % 4];
    return stored[(pixel * 2 + c) * 3 + k]!;
  });
  expect(dense(model, 'ip/kernel')).toEqual(expected);
  expect(weightOf(model, 'ip/kernel').form.kind).toBe('shared');
  expect(dense(model, 'ip/bias')).toEqual([0.333251953125, -1, 2 ** -24]);
}

function checkGraph({ model }: ImportedModel): void {
  expect(model.layers.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'input x',
    'dense y',
    'relu y/relu',
    'foreign z',
  ]);
  expect(dense(model, 'y/kernel')).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
  expect(model.weights.length).toBe(2);
}

describe('what an importer of tfjs read', () => {
  test.each([
    ['layers', tfjsLayers, layersFiles],
    ['a graph', tfjsGraph, graphFiles],
  ] as const)('is written again byte by byte: %s', async (_, importer, files) => {
    const { model } = await importer.read(memorySource(files));
    const { files: written, notes } = await tfjsExporter.write(model, 'model');
    expect(notes).toEqual([]);
    const manifest = (of: ReadonlyMap<string, Uint8Array>) =>
      JSON.parse(new TextDecoder().decode(of.get('model.json')));
    const withoutPaths = ({ weightsManifest, ...json }: ReturnType<typeof manifest>) => ({
      ...json,
      weightsManifest: weightsManifest.map((group: { weights: unknown }) => group.weights),
    });
    expect(withoutPaths(manifest(written))).toEqual(withoutPaths(manifest(files)));
    expect(bytes(...[...written.values()].slice(1))).toEqual(bytes(...[...files.values()].slice(1)));
  });

  test('is written in float32 where a weight has left the grid it was quantised to', async () => {
    const { model } = await tfjsLayers.read(memorySource(layersFiles));
    const weights = model.weights.map((weight) =>
      weight.name === 'ip/bias'
        ? { ...weight, form: { kind: 'dense' as const, values: Float32Array.of(0.1, 0, 0) } }
        : weight,
    );
    const { files, notes } = await tfjsExporter.write({ ...model, weights }, 'other');
    expect(notes).toEqual(['"ip/bias" is no longer what float16 can hold: it is written in float32']);
    expect([...files.keys()]).toEqual(['other.json', 'other.group1-shard1of1.bin', 'other.group2-shard1of1.bin']);
    const { model: again } = await tfjsLayers.read(memorySource(files));
    expect(dense(again, 'ip/bias')).toEqual([Math.fround(0.1), 0, 0]);
    expect(dense(again, 'ip/kernel')).toEqual(dense(model, 'ip/kernel'));
  });

  test('is refused by tfjs no longer once a weight has another shape: the error says so first', async () => {
    const { model } = await tfjsLayers.read(memorySource(layersFiles));
    const weights = model.weights.map((weight) =>
      weight.name === 'ip/bias'
        ? { ...weight, shape: [2], form: { kind: 'dense' as const, values: new Float32Array(2) } }
        : weight,
    );
    expect(() => toModelArtifacts({ ...model, weights })).toThrow(
      'weight "ip/bias" [2] no longer fits tensor "ip/bias" [3]',
    );
  });

  test('may stand in a single file, as browsers keep it', async () => {
    const { weightsManifest, ...json } = JSON.parse(new TextDecoder().decode(layersFiles.get('model.json')));
    const shards = bytes(...[...layersFiles.values()].slice(1));
    const specs = weightsManifest.flatMap((group: { weights: unknown[] }) => group.weights);
    const single = text({ ...json, weightSpecs: specs, weightData: btoa(String.fromCharCode(...shards)) });
    checkLayers(await tfjsLayers.read(memorySource({ 'single.json': single })));
  });
});

describe('an importer of tfjs refuses', () => {
  /** The files with a part of their JSON replaced. */
  const changed = (from: string, to: string): Map<string, Uint8Array> => {
    const json = new TextDecoder().decode(layersFiles.get('model.json'));
    expect(json).toContain(from);
    return new Map(layersFiles).set('model.json', new TextEncoder().encode(json.replace(from, to)));
  };
  test.each<[string, Map<string, Uint8Array>, string]>([
    [
      'a shard that is too short',
      new Map(layersFiles).set('a.bin', floats(1, 2, 3)),
      'the shards of group 1 of "model.json" end within "conv/bias"',
    ],
    [
      'a shard that is too long',
      new Map(layersFiles).set('a.bin', floats(1, 2, 3, 4, 5)),
      'have more data than their tensors',
    ],
    [
      'a topology without weights',
      changed('"weightsManifest"', '"weights"'),
      '"model.json" has a topology, but no weightsManifest',
    ],
    [
      'a shape of less than nothing',
      changed('"shape":[1,1,1,2]', '"shape":[-1]'),
      'shape[0] expected a whole number ≥ 0, got -1',
    ],
    ['an unknown dtype', changed('"dtype":"float32"', '"dtype":"float8"'), 'dtype expected one of float32'],
    ['two tensors of one name', changed('"conv/bias"', '"ip/bias"'), 'two tensors are named "ip/bias"'],
    ['a grid without a step', changed('"scale":0.1,', ''), 'expected a scale and a min'],
    ['a path out of its folder', changed('"a.bin"', '"../a.bin"'), 'lies outside its folder'],
    [
      'what is no model',
      changed('"class_name":"Sequential"', '"class_name":"Tree"'),
      'expected Sequential, Functional or Model, got "Tree"',
    ],
  ])('%s', async (_, files, message) => {
    await expect(tfjsLayers.read(memorySource(files))).rejects.toThrow(message);
  });
});

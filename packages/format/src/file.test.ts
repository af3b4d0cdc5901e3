import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  CorruptDataError,
  type Decoder,
  type Encoder,
  type Form,
  type Layer,
  MissingPartError,
  type Model,
  seededRandom,
} from '@pare/core';
import { hardModels, same, smallNetwork, smallNetworks, withForm } from '@pare/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LENET5_LAYERS, lenet5, sharedForm } from '../test/_models.ts';
import { canonicalShared } from './canonical-codebook.ts';
import { encodersFor } from './codecs/encoders.ts';
import { sharedStreams } from './codecs/streams-encode.ts';
import { decodeModel, decodeStream, describeFile } from './everything.ts';
import { parseHeader } from './header.ts';
import { decodeBlock, openFile } from './read.ts';
import type { StreamPart } from './stream.ts';
import { type EncodeModelOptions, encodeModel } from './write.ts';

const huffmanOnly = encodersFor.huffman;

/** What a file keeps of a model. */
const canonical = (model: Model): Model => ({
  ...model,
  weights: model.weights.map((weight) =>
    weight.form.kind === 'shared' ? { ...weight, form: canonicalShared(weight.form) } : weight,
  ),
});

/** A small network with all three forms, for hostile treatment. */
function tiny(): Model {
  const model = smallNetwork({ kind: 'masked' });
  const weights = model.weights.map((weight) =>
    weight.name === 'ip1/kernel' ? { ...weight, form: sharedForm(seededRandom(2), weight.shape, 0.3, 4) } : weight,
  );
  return canonical({ ...model, weights });
}

test('a model comes back: layers, weights, history if asked for', () => {
  const model = tiny();
  expect(decodeModel(encodeModel(model))).toEqual({ ...model, history: [] });
  expect(decodeModel(encodeModel(model, { history: true }))).toEqual(model);
});

test('names of answers and a topology travel along', () => {
  const model = { ...tiny(), topology: { class_name: 'Sequential', config: [null, 1.5, 'é', true] } };
  const labels = ['tench', 'great white shark', 'Ærø 🦈', ''];
  const decoded = decodeModel(encodeModel(model, { labels }));
  expect(decoded.labels).toEqual(labels);
  expect(decoded.topology).toEqual(model.topology);
  expect(decodeModel(encodeModel(decoded)).labels).toEqual(labels);
});

test('the header of LeNet-5 is small', () => {
  const { parts } = describeFile(encodeModel(lenet5(0.004)));
  expect(parts.find(({ kind }) => kind === 'header')?.bytes).toBeLessThanOrEqual(60);
});

test('the primer in FORMAT.md is the one in use', () => {
  const source = readFileSync(new URL('header.ts', import.meta.url), 'utf8');
  const format = readFileSync(new URL('../FORMAT.md', import.meta.url), 'utf8');
  const [, lines] = /const PRIMER =\n(.*?);\n/s.exec(source)!;
  const [, text] = /### 3\.2.*?```text\n(.*?)```/s.exec(format)!;
  expect(text!.replaceAll('\n', '')).toBe([...lines!.matchAll(/'(.*?)'/g)].map(([, part]) => part).join(''));
});

test('golden bytes', () => {
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  expect({
    adaptive: sha256(encodeModel(lenet5())),
    huffman: sha256(encodeModel(lenet5(), { encoders: huffmanOnly })),
    tiny: sha256(encodeModel(tiny(), { history: true, labels: ['a', 'b', 'c'] })),
  }).toMatchInlineSnapshot(`
    {
      "adaptive": "2a3c5c94c643ba8cdf81ce5ba2c4b32aa4e891b36b43d14318d5ead9ef7625b4",
      "huffman": "ffe4bb01b2b0e1e4c7d6a0050723554b30bbe6c4e243a0acbc84341355e12f4b",
      "tiny": "75bc15f8f5b1848055220dab2a365fa23dcaa18997b74fcdd1b8a516be4e1957",
    }
  `);
});

describe('laws', () => {
  const kinds = ['dense', 'masked', 'shared'] as const;
  const options: fc.Arbitrary<EncodeModelOptions> = fc
    .record({
      recordBytes: fc.constantFrom(0, 40, 4096),
      encoders: fc.constantFrom(undefined, huffmanOnly),
      history: fc.boolean(),
    })
    .map(({ encoders, ...rest }) => ({ ...rest, ...(encoders && { encoders }) }));

  test('decode ∘ encode is the identity, for every choice of codecs and records', () =>
    fc.assert(
      fc.property(smallNetworks(kinds), options, (model, options) => {
        const bytes = encodeModel(model, options);
        const decoded = decodeModel(bytes);
        expect(decoded).toEqual({ ...canonical(model), history: options.history ? model.history : [] });
        expect(encodeModel(decoded, options)).toEqual(bytes);
      }),
      { seed: 1, numRuns: 60 },
    ));

  test('streaming yields the same, however the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(
        smallNetworks(kinds),
        options,
        fc.integer({ min: 1, max: 300 }),
        async (model, options, size) => {
          const bytes = encodeModel(model, options);
          const parts = await collect(decodeStream(chunksOf(bytes, size)));
          const { weights, layers } = decodeModel(bytes);
          expect(parts.flatMap((part) => (part.kind === 'weight' ? [part.weight] : []))).toEqual(weights);
          expect(parts[0]?.kind === 'header' && parts[0].header.layers).toEqual(layers);
        },
      ),
      { seed: 2, numRuns: 40 },
    ));

  test('sizes by part sum to the length of the file, and sizes by weight to the records', () =>
    fc.assert(
      fc.property(smallNetworks(kinds), options, (model, options) => {
        const bytes = encodeModel(model, options);
        const { parts, weights } = describeFile(bytes);
        const sum = (sizes: readonly { bytes: number }[]): number =>
          sizes.reduce((total, { bytes }) => total + bytes, 0);
        expect(sum(parts)).toBe(bytes.length);
        expect(sum(weights)).toBeCloseTo(sum(parts.filter(({ kind }) => kind === 'record')), 6);
        expect(weights.map(({ name }) => name)).toEqual(model.weights.map(({ name }) => name));
      }),
      { seed: 3, numRuns: 40 },
    ));

  test.each(hardModels(kinds).map(({ name, value }) => [name, value] as const))('survives: %s', (_, model) => {
    expect(decodeModel(encodeModel(model, { history: true }))).toEqual(canonical(model));
  });
});

describe('headers', () => {
  const roundTrip = (layers: readonly Layer[], weights: Model['weights'] = []): void =>
    expect(decodeModel(encodeModel({ layers, weights, history: [] })).layers).toEqual(layers);
  const input: Layer = { kind: 'input', name: 'image', inputs: [], outputShape: [3, 227, 227] };

  test('everything that deviates from the usual is written out', () => {
    roundTrip([
      {
        ...input,
        preprocess: { scale: 0.017, mean: [103.94, 116, 1 / 3], std: [1 / 255, 2, -1] },
      },
      {
        kind: 'conv2d',
        name: 'fire2/squeeze1x1',
        inputs: ['image'],
        outputShape: [64, 7, 9],
        kernel: 'w',
        filters: 64,
        kernelSize: [3, 1],
        stride: [2, 1],
        padding: [0, 1, 0, 2],
        groups: 2,
      },
      {
        kind: 'pool',
        name: 'p',
        inputs: ['fire2/squeeze1x1'],
        outputShape: [64, 4, 4],
        mode: 'average',
        size: [3, 3],
        stride: [2, 2],
        padding: [1, 1, 1, 1],
        rounding: 'ceil',
      },
      { kind: 'dense', name: 'd', inputs: ['p'], outputShape: [7], kernel: 'd/kernel', bias: 'other/bias', units: 7 },
      { kind: 'softmax', name: 'out', inputs: ['d'], outputShape: [1, 7] },
    ]);
  });

  test('branches and joins, and layers of kinds that this version does not know', () => {
    // A kind that a later core may bring.
    const concat = { kind: 'concat', name: 'join', inputs: ['a', 'b'], outputShape: [6, 1, 1] } as unknown as Layer;
    roundTrip([
      input,
      { kind: 'relu', name: 'a', inputs: ['image'], outputShape: [3, 227, 227] },
      { kind: 'relu', name: 'b', inputs: ['image'], outputShape: [3, 227, 227] },
      concat,
      { kind: 'relu', name: 'c', inputs: ['join'], outputShape: [6, 1, 1] },
    ]);
  });

  test('weights in another order, of other shapes, or that no layer names', () => {
    const { weights } = lenet5(0.001);
    const odd = [...weights].reverse();
    odd[2] = { ...odd[2]!, name: 'stray' };
    odd[3] = { ...odd[3]!, shape: [800, 500] };
    const model = { layers: LENET5_LAYERS, weights: odd, history: [] };
    expect(same(decodeModel(encodeModel(model)), canonical(model))).toBe(true);
  });

  test('a layer gives at most 32 extents, for many may inherit them', () => {
    const wide = (extents: number): Layer => ({ ...input, outputShape: Array<number>(extents).fill(1) });
    roundTrip([wide(32)]);
    expect(() => roundTrip([wide(33)])).toThrow(
      new RangeError('encodeModel: layer "image" expected at most 32 extents, got 33'),
    );
    const text = `{"layers":[${JSON.stringify(wide(33))}],"records":[]}`;
    expect(() => parseHeader(text)).toThrow(expect.objectContaining({ code: 'not-a-header' }));
  });

  test('an input that no layer before makes is the caller’s mistake', () =>
    expect(() => roundTrip([input, { kind: 'relu', name: 'a', inputs: ['b'], outputShape: [1] }])).toThrow(RangeError));
});

describe('choice of codecs', () => {
  test('takes the smallest unless told otherwise', () => {
    const model = lenet5();
    const free = encodeModel(model);
    const huffman = encodeModel(model, { encoders: huffmanOnly });
    const mixed = encodeModel(model, { codec: { default: 'adaptive@1', byName: { ip1: 'streams@1' } } });
    expect(free.length).toBeLessThan(huffman.length);
    expect(new Set(describeFile(huffman).weights.map(({ codec }) => codec))).toEqual(new Set(['streams@1']));
    expect(describeFile(mixed).weights[4]?.codec).toBe('streams@1');
  });

  test('float16 biases and codebooks are smaller, and rounded', () => {
    const model = smallNetwork({ kind: 'shared', hidden: 100 });
    const rounded = encodeModel(model, { biases: 'float16', codebooks: 'float16' });
    expect(rounded.length).toBeLessThan(encodeModel(model).length);
    const bias = decodeModel(rounded).weights.find(({ name }) => name === 'ip1/bias')!;
    expect(bias.form.kind === 'dense' && bias.form.values.every((value) => value === Math.fround(value))).toBe(true);
  });

  test('a plugin’s codec is named where it is missing, and works where it is given', () => {
    const encoder: Encoder = {
      id: 'reversed@3',
      kind: 'dense',
      encode: (form) => new Uint8Array(form.kind === 'dense' ? form.values.slice().buffer : []).reverse(),
    };
    const decoder: Decoder = {
      id: 'reversed@3',
      decode: (bytes) => ({ kind: 'dense', values: new Float32Array(bytes.slice().reverse().buffer) }),
    };
    const bytes = encodeModel(smallNetwork(), { encoders: [encoder] });
    expect(() => decodeModel(bytes)).toThrow(MissingPartError);
    expect(() => decodeModel(bytes)).toThrow(
      /no decoder for "reversed@3" \(weight "conv1\/kernel"\): pass decoders: .*, or a plugin's/,
    );
    expect(decodeModel(bytes, { decoders: [decoder] }).weights).toEqual(smallNetwork().weights);
  });

  test('a form that nobody takes is reported', () =>
    expect(() => encodeModel(smallNetwork(), { encoders: [sharedStreams] })).toThrow(
      /no encoder for the form "dense" of "conv1\/kernel"/,
    ));
});

describe('numbers that are not finite', () => {
  const refused: readonly [string, string, (form: Form) => Form, string][] = [
    ['dense', 'ip1/bias', () => ({ kind: 'dense', values: Float32Array.of(0, NaN, 0, 0, 0) }), 'NaN at index 1'],
    [
      'masked',
      'conv1/kernel',
      (form) => (form.kind === 'masked' ? { ...form, values: form.values.map((w) => (w === 0 ? 0 : w / 0)) } : form),
      'Infinity at index ',
    ],
    [
      'shared',
      'ip1/kernel',
      (form) => (form.kind === 'shared' ? { ...form, codebook: form.codebook.fill(-Infinity, 2) } : form),
      '-Infinity at index 2 of its codebook',
    ],
  ];
  test.each(refused)('are refused: %s', (_kind, name, spoil, message) => {
    const model = withForm(tiny(), name, spoil);
    for (const options of [{}, { biases: 'float16', codebooks: 'float16' }] as const) {
      expect(() => encodeModel(model, options)).toThrow(RangeError);
      expect(() => encodeModel(model, options)).toThrow(`encodeModel: "${name}" expected finite numbers, got `);
      expect(() => encodeModel(model, options)).toThrow(message);
    }
  });

  test('−0 and the ends of the range are not among them', () => {
    const ends = Float32Array.of(-0, 0, 2 ** -149, -(2 ** -149), -3.4028234663852886e38);
    const model = withForm(tiny(), 'ip1/bias', () => ({ kind: 'dense', values: ends }));
    const [bias] = decodeModel(encodeModel(model)).weights.filter(({ name }) => name === 'ip1/bias');
    expect(bias?.form).toEqual({ kind: 'dense', values: ends });
  });
});

describe('hostile files', () => {
  for (const [name, options] of [
    ['adaptive', {}],
    ['huffman, each record by itself', { encoders: huffmanOnly, recordBytes: 0 }],
  ] as const) {
    const bytes = encodeModel(tiny(), options);

    test(`${name}: every truncation is noticed`, () => {
      for (let size = 0; size < bytes.length; size++)
        expect(() => decodeModel(bytes.slice(0, size))).toThrow(CorruptDataError);
    });

    test(`${name}: every flipped bit is noticed`, () => {
      // Of the records, where each try reads the header again, a bit in every other byte.
      const step = (bit: number): number => (bit < 800 ? 1 : 17);
      for (let bit = 0; bit < 8 * bytes.length; bit += step(bit)) {
        const damaged = bytes.slice();
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => decodeModel(damaged)).toThrow(CorruptDataError);
      }
    });

    test(`${name}: bytes after the end are refused`, () =>
      expect(() => decodeModel(Uint8Array.of(...bytes, 0))).toThrow(CorruptDataError));

    test(`${name}: streams notice truncation and bytes after the end as well`, async () => {
      for (const wrong of [bytes.slice(0, -1), bytes.slice(0, 9), Uint8Array.of(...bytes, 1)]) {
        await expect(collect(decodeStream(chunksOf(wrong, 50)))).rejects.toThrow(CorruptDataError);
      }
    });
  }

  test('damage that a forger has signed anew ends in CorruptDataError or a model, too', () => {
    const bytes = encodeModel(tiny(), { encoders: huffmanOnly });
    const { blocks, end } = openFile(bytes);
    // Passes the records on without their checksum: what the decoders themselves make of each flipped bit.
    for (let bit = 8 * end; bit < 8 * (bytes.length - 2); bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      try {
        for (const { shape, form } of blocks.flatMap((block) => decodeBlock(damaged, block, 0, {}))) {
          const mask = 'mask' in form ? form.mask : form.values;
          expect(mask).toHaveLength(shape.reduce((product, extent) => product * extent, 1));
        }
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptDataError);
      }
    }
  });

  test('limits are checked before anything is allocated', () => {
    const bytes = encodeModel(lenet5());
    expect(() => decodeModel(bytes, { limits: { elements: 1000 } })).toThrow(
      /431080 numbers, more than the 1000 allowed/,
    );
    expect(() => decodeModel(bytes, { limits: { headerBytes: 10 } })).toThrow(/header of \d+ bytes/);
    expect(() => decodeModel(bytes, { limits: { codebook: 4 } })).toThrow(/codebook of \d+ entries, more than 4/);
  });

  test('an error in a record is told at its place in the file, in the words of core', () => {
    const bytes = encodeModel(lenet5(), { encoders: huffmanOnly });
    expect(() => decodeModel(bytes, { limits: { codebook: 4 } })).toThrow(CorruptDataError);
    try {
      decodeModel(bytes, { limits: { codebook: 4 } });
    } catch (error) {
      expect((error as CorruptDataError).byte).toBeGreaterThan(40);
      expect((error as CorruptDataError).message).toContain('weight "conv1/kernel"');
    }
  });

  test('other files are told apart', () => {
    expect(() => decodeModel(new TextEncoder().encode('{"format":'))).toThrow(/not a .pare file/);
    expect(() => decodeModel(Uint8Array.of(0x50, 0x41, 0x52, 0x45, 2, 0))).toThrow(/version 2/);
  });
});

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size);
}

async function collect(stream: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const parts: StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

test('a ReadableStream is read, and cancelled when its reader stops early', async () => {
  const bytes = encodeModel(tiny(), { recordBytes: 0 });
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes),
    cancel: () => void (cancelled = true),
  });
  for await (const part of decodeStream(stream)) if (part.kind === 'weight') break;
  expect(cancelled).toBe(true);
});

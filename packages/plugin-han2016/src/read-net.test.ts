import { existsSync, readFileSync } from 'node:fs';
import { squeezenet } from '@pare/architectures';
import { checkModel, type ImportSource, type Layer } from '@pare/core';
import { describeImporter } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { NET_FILE, NET_LAYERS, NET_PARTS, type NetPart, netFile } from '../test/_net-file.ts';
import plugin, { han2016, readNet } from './index.ts';

const [conv1, ip1] = NET_PARTS;
const bytes = NET_FILE;
const layers = NET_LAYERS;

describeImporter('han2016', han2016(layers), {
  samples: [
    {
      name: 'two layers',
      files: new Map([['small.net', bytes]]),
      check({ model }) {
        expect(model.layers).toBe(layers);
        expect(model.weights.map(({ name, shape }) => [name, shape])).toEqual([
          ['conv1/kernel', [2, 2, 3, 3]],
          ['conv1/bias', [2]],
          ['ip1/kernel', [2, 2]],
          ['ip1/bias', [2]],
        ]);
      },
    },
  ],
});

describe('readNet', () => {
  test('places entries after their gaps; fillers are zeros like those they bridge', () => {
    const { weights, entries, fillers } = readNet(bytes, layers);
    const [kernel, bias] = weights;
    expect([entries, fillers]).toEqual([5, 1]);
    expect(kernel?.form).toMatchObject({ kind: 'shared', codebook: { 1: 0.5, 7: -2 } });
    const form = kernel!.form.kind === 'shared' ? kernel!.form : undefined;
    expect([...form!.mask].flatMap((kept, i) => (kept ? [[i, form!.indices[i]]] : []))).toEqual([
      [0, 1],
      [19, 7], // 0 + (15 + 1) + (2 + 1)
    ]);
    expect(bias?.form).toEqual({ kind: 'dense', values: Float32Array.of(1, -1) });
  });

  test.each<[string, NetPart, string]>([
    ['an entry beyond the weights', { ...ip1, gaps: [1, 2] }, 'entry 1 of "ip1/kernel" lies beyond its 4 weights'],
    ['more entries than weights', { ...ip1, codes: [1, 1, 1, 1, 1], gaps: [0, 0, 0, 0, 0] }, '5 entries for [2, 2]'],
    ['a filler that is not zero', { ...ip1, codebook: { 0: 1 } }, '"ip1/kernel" has 1 where fillers need a zero'],
    ['an infinite codebook', { ...ip1, codebook: { 9: Infinity } }, '"ip1/kernel" has Infinity'],
    ['a bias that is none', { ...ip1, bias: [0, Number.NaN] }, '"ip1/bias" has NaN'],
    ['too many biases', { ...ip1, bias: [0, 0, 0] }, 'bytes instead of'],
  ])('refuses %s', (_what, part, message) => {
    expect(() => readNet(netFile([conv1, part]), layers)).toThrow(message);
  });

  test('says which layer has no bias to be read', () => {
    const { bias: _, ...plain } = layers[1] as Extract<Layer, { kind: 'conv2d' }>;
    expect(() => readNet(bytes, [layers[0]!, plain, ...layers.slice(2)])).toThrow(
      'biases everywhere, "conv1" has none',
    );
  });
});

describe('the released SqueezeNet', () => {
  const folder = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;
  const path = `${folder}/squeezenet/compressed_SqueezeNet.net`;

  test.skipIf(!existsSync(path))('has 422,083 entries, 6,162 of them fillers', async () => {
    const file = new Uint8Array(readFileSync(path));
    const { entries, fillers } = readNet(file, squeezenet());
    expect([entries, fillers, entries - fillers]).toEqual([422_083, 6_162, 415_921]);

    const [importer] = plugin.importers!;
    const source: ImportSource = { name: 'compressed_SqueezeNet.net', bytes: file, sibling: () => Promise.reject() };
    expect(importer?.recognizes(source)).toBe(true);
    expect(importer?.recognizes({ ...source, bytes: file.subarray(1) })).toBe(false);
    const { model, notes } = await importer!.read(source);
    checkModel(model);
    expect(notes).toEqual([]);
    const kept = model.weights.map(({ form }) => (form.kind === 'shared' ? form.mask.reduce((a, b) => a + b, 0) : 0));
    expect(kept.reduce((a, b) => a + b, 0)).toBe(415_921); // 33.4 % of 1,244,448
    // The sizes of some layers, as counted by another program; `squeezenet_released_8bit_file` in the project's tables.
    expect(kept[0]).toBe(13_902);
  });
});

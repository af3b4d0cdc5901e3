import { CorruptDataError, type Exporter, type Importer, type Model } from '@pare/core';
import { expect, test } from 'vitest';
import { brokenPromises } from './_broken.ts';
import { describeExporter, exporterContract } from './exporter-contract.ts';
import { denseValues } from './forms.ts';

/** Weights as JSON: what a float32 is in decimal digits comes back as it was, but for the sign of zero. */
const sound: Exporter = {
  id: 'lines',
  extension: 'lines',
  async write({ layers, weights }, name) {
    const lines = weights.map(({ name: weight, shape, form }) =>
      JSON.stringify([weight, shape, [...denseValues(form)]]),
    );
    return {
      files: new Map([[`${name}.lines`, new TextEncoder().encode(lines.join('\n'))]]),
      notes: layers.length > 0 ? ['The layers are left out'] : [],
    };
  },
};
const importer: Importer = {
  id: 'lines',
  extensions: ['lines'],
  recognizes: ({ name }) => name.endsWith('.lines'),
  async read({ bytes }) {
    const lines = new TextDecoder().decode(bytes).split('\n').filter(Boolean);
    const weights = lines.map((line) => {
      const [name, shape, numbers] = JSON.parse(line) as [string, number[], number[]];
      if (numbers.length === 0) throw new CorruptDataError('lines', 0, 'no numbers');
      return { name, shape, form: { kind: 'dense', values: Float32Array.from(numbers) } } as const;
    });
    return { model: { layers: [], weights, history: [] }, notes: [] };
  },
};

describeExporter('sound', sound, { importer });

/** The sound one, its model or its outcome changed. */
const after = (change: (written: Awaited<ReturnType<Exporter['write']>>, model: Model) => object): Exporter => ({
  ...sound,
  async write(model, name) {
    const written = await sound.write(model, name);
    return { ...written, ...change(written, model) };
  },
});

let calls = 0;
const broken: Readonly<Record<string, { exporter: Exporter; breaks: readonly RegExp[] }>> = {
  'an extension with its dot': {
    exporter: { ...sound, extension: '.lines' },
    breaks: [/^has an id/, /^writes each model/],
  },
  'an id of two words': { exporter: { ...sound, id: 'two words' }, breaks: [/^has an id/] },
  'knows dense weights alone': {
    exporter: {
      ...sound,
      async write(model, name) {
        const odd = model.weights.find(({ form }) => form.kind !== 'dense');
        if (odd) throw new RangeError(`lines: "${odd.name}" expected dense, got ${odd.form.kind}`);
        return sound.write(model, name);
      },
    },
    breaks: [/^refuses no form/],
  },
  'stumbles over a network without weights': {
    exporter: after(({ notes }, { weights }) => ({ notes: [...notes, ...weights[0]!.name.slice(0, 0)] })),
    breaks: [/^writes each/, /^says in sentences/, /^repeats itself/, /^is read back/],
  },
  'calls its file as it likes': {
    exporter: after(({ files }) => ({ files: new Map([...files.values()].map((bytes) => ['model.lines', bytes])) })),
    breaks: [/^writes each model/],
  },
  'writes beside the folder': {
    exporter: after(({ files }) => ({ files: new Map([...files, ['../more.bin', new Uint8Array(1)]]) })),
    breaks: [/^writes each model/],
  },
  'says nothing at length': { exporter: after(() => ({ notes: [' '] })), breaks: [/^says in sentences/] },
  counts: { exporter: after(() => ({ notes: [`written ${++calls} times`] })), breaks: [/^repeats itself/] },
  'sorts the weights it was given': {
    exporter: after((_, { weights }) => {
      (weights as Model['weights'][number][]).reverse();
      return {};
    }),
    breaks: [/^repeats itself/],
  },
  'keeps three digits': {
    exporter: after(({ files }) => ({
      files: new Map(
        [...files].map(([name, bytes]) => {
          const text = new TextDecoder().decode(bytes).replaceAll(/(\.\d{3})\d+/g, '$1');
          return [name, new TextEncoder().encode(text)];
        }),
      ),
    })),
    breaks: [/^is read back/],
  },
};

test.each(Object.entries(broken))('catches an exporter that is broken: %s', async (_, { exporter, breaks }) => {
  const found = await brokenPromises(exporterContract(exporter, { importer }));
  expect(found).toHaveLength(breaks.length);
  for (const [i, promise] of breaks.entries()) expect(found[i]).toMatch(promise);
});

test('without an importer numbers are not compared', () => {
  expect(exporterContract(sound).map(({ name }) => name)).not.toContainEqual(expect.stringMatching(/^is read back/));
});

import { denseWeight } from '@pare/core';
import { describeExporter, describeImporter } from '@pare/testkit';
import { expect, test } from 'vitest';
import { exporter, importer } from './index.ts';

const weights = [
  denseWeight('fc', [2, 2], Float32Array.of(1, -0.5, 0, 3)),
  denseWeight('bias', [2], Float32Array.of(0, 1)),
];
const model = { layers: [], weights, history: [] };
const { files } = await exporter.write(model, 'tiny');

// What everyone relies on: it knows its own files and no others; whatever is cut, flipped or overwritten ends in a typed error.
describeImporter('my-thing', importer, {
  samples: [{ name: 'two weights', files, check: (imported) => expect(imported.model.weights).toEqual(weights) }],
});

describeExporter('my-thing', exporter, { importer });

test('says what the format cannot hold', async () => {
  const input = { kind: 'input', name: 'data', inputs: [], outputShape: [2] } as const;
  const { notes } = await exporter.write({ ...model, layers: [input] }, 'tiny');
  expect(notes).toEqual(['the format holds weights alone: layers are left out']);
});

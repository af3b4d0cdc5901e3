import { brotliCompressSync } from 'node:zlib';
import { squeezenet } from '@pare/architectures';
import type { Form, Model } from '@pare/core';
import { same } from '@pare/testkit';
import { expect, test } from 'vitest';
import { canonicalShared, decodeModel, type EncodeModelOptions, encodeModel, toFloat16 } from '../src/index.ts';
import { dataFile, readHanSqueezeNet, readSafetensors } from './_data.ts';

/** What a file gives back: sorted codebooks without unused entries, rounded as the options ask. */
function expected(form: Form, isBias: boolean, { biases, codebooks }: EncodeModelOptions): Form {
  if (form.kind === 'dense')
    return isBias && biases === 'float16' ? { ...form, values: form.values.map(toFloat16) } : form;
  if (form.kind !== 'shared') return form;
  return canonicalShared(codebooks === 'float16' ? { ...form, codebook: form.codebook.map(toFloat16) } : form);
}

/** Brotli at its best takes ten seconds for a SqueezeNet, on a machine that has nothing else to do. */
const PATIENCE = 900_000;

// The file as it is has 675,763 bytes, 543,867 after brotli-11.
const HAN: readonly { what: string; options: EncodeModelOptions; atMost: number }[] = [
  { what: 'the smallest', options: {}, atMost: 519_500 },
  { what: 'Huffman only', options: { coding: 'huffman' }, atMost: 537_500 },
  { what: 'float16 codebooks and biases', options: { codebooks: 'float16', biases: 'float16' }, atMost: 501_500 },
];

test.each(HAN)(
  'the compressed SqueezeNet of Han et al., $what: at most $atMost bytes',
  ({ options, atMost }) => {
    const path = dataFile('squeezenet/compressed_SqueezeNet.net');
    if (!path) return;
    const weights = readHanSqueezeNet(path);
    const model: Model = { layers: squeezenet(), weights, history: [] };
    const bytes = encodeModel(model, options);
    const exact = weights.map((w) => ({ ...w, form: expected(w.form, w.name.endsWith('bias'), options) }));
    expect(same(decodeModel(bytes).weights, exact)).toBe(true);
    expect(bytes.length).toBeLessThanOrEqual(atMost);
  },
  PATIENCE,
);

const NETWORKS = [
  'squeezenet/squeezenet_v1.0_caffe_dense',
  'squeezenet/squeezenet_v1.1_dense',
  'lenet/lenet-300-100_dense',
  'lenet/lenet-300-100_dns-sparse',
  'lenet/lenet-5_dense',
  'lenet/lenet-5_dns-sparse',
  'lenet/lenet-5_caffe10k_dense',
];

test.each(NETWORKS)(
  '%s without loss: a sixth smaller than float32, and smaller than brotli-11 of it',
  (name) => {
    const path = dataFile(`${name}.safetensors`);
    if (!path) return;
    const weights = readSafetensors(path).map(({ name, shape, values }) => ({
      name,
      shape,
      form: { kind: 'dense', values } as const,
    }));
    const bytes = encodeModel({ layers: [], weights, history: [] });
    expect(same(decodeModel(bytes).weights, weights)).toBe(true);
    const raw = Buffer.concat(weights.map(({ form: { values } }) => Buffer.from(values.buffer)));
    expect(bytes.length).toBeLessThan((5 / 6) * raw.length + 5000);
    expect(bytes.length).toBeLessThan(brotliCompressSync(raw).length);
  },
  PATIENCE,
);

/**
 * Compares two readers: what `read_pare.py` finds in files of all forms must be what `decodeModel` finds, bit for bit.
 *
 * `node --conditions=@pare/source --import tsx packages/format/test/reader/compare.ts`; PYTHON names another Python.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Layer, type Shape, seededRandom, type Weight } from '@pare/core';
import { hardModels, smallNetwork } from '@pare/testkit';
import { decodeModel, type EncodeModelOptions, encodeModel, type PareModel } from '../../src/index.ts';
import { lenet5, sharedForm } from '../_models.ts';

const READER = fileURLToPath(new URL('read_pare.py', import.meta.url));

/** Enough symbols for four Huffman parts and four rANS states; a codebook on a grid, one of over 256 entries; dense and masked noise. */
function large(): PareModel {
  const random = seededRandom(7);
  const shape: Shape = [60, 150];
  const noise = Float32Array.from({ length: 9000 }, () => random.normal());
  const mask = Uint8Array.from(noise, () => (random.float() < 0.4 ? 1 : 0));
  const grid = sharedForm(random, shape, 0.5, 31);
  const weight = (name: string, form: Weight['form']): Weight => ({ name, shape, form });
  const norm = ['gamma', 'beta', 'mean', 'variance'].map((role) => `norm/${role}`);
  const [gamma, beta, mean, variance] = norm as [string, string, string, string];
  const layers: Layer[] = [
    { kind: 'input', name: 'image', inputs: [], outputShape: [150] },
    {
      kind: 'batchnorm',
      name: 'norm',
      inputs: ['image'],
      outputShape: [150],
      gamma,
      beta,
      mean,
      variance,
      epsilon: 1e-5,
    },
    { kind: 'dense', name: 'grid', inputs: ['norm'], outputShape: [60], kernel: 'grid/kernel', units: 60 },
    { kind: 'dense', name: 'wide', inputs: ['norm'], outputShape: [60], kernel: 'other', units: 60 },
    { kind: 'concat', name: 'join', inputs: ['grid', 'wide'], outputShape: [120] },
  ];
  const vector = (name: string): Weight => ({
    name,
    shape: [150],
    form: { kind: 'dense', values: noise.slice(0, 150) },
  });
  return {
    name: 'große Netze',
    layers,
    weights: [
      ...norm.map(vector),
      weight('grid/kernel', { ...grid, codebook: Float32Array.from({ length: 31 }, (_, i) => 0.03 * (i - 15.5)) }),
      weight('other', sharedForm(random, shape, 0.97, 700)),
      weight('masked', { kind: 'masked', values: noise.map((w, i) => w * mask[i]!), mask }),
      weight('dense', { kind: 'dense', values: noise }),
      weight('halves', { kind: 'dense', values: noise.map((w) => Math.round(64 * w) / 64) }),
      weight('sparse', sharedForm(random, shape, 0.03, 9)),
    ],
    labels: ['Ærø 🦈', '', 'tench "1"'],
    topology: { nodes: [null, true, -1.5, 1e300, { deep: [[]] }] },
    history: [],
  };
}

interface Found {
  readonly name: string;
  readonly shape: Shape;
  readonly kind?: string;
  readonly numbers?: string;
  readonly mask?: string;
  readonly codec?: string;
}

const sha256 = (array: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest('hex');

/** The same of our own reader. */
function expectedOf({ name, shape, form }: Weight): Found {
  const numbers =
    form.kind === 'shared'
      ? Float32Array.from(form.mask, (kept, i) => (kept ? form.codebook[form.indices[i]!]! : 0))
      : form.values;
  const found = { name, shape, kind: form.kind, numbers: sha256(numbers) };
  return form.kind === 'dense' ? found : { ...found, mask: sha256(form.mask) };
}

const kinds = ['dense', 'masked', 'shared'] as const;
const fast: EncodeModelOptions = { coding: 'fast' };
const files = [
  encodeModel(lenet5(0.01), fast),
  encodeModel(large(), { ...fast, recordBytes: 0 }),
  encodeModel(large(), { coding: 'huffman', recordBytes: 30000, biases: 'float16', codebooks: 'float16' }),
  ...kinds.map((kind) => encodeModel(smallNetwork({ kind }))),
  ...hardModels(kinds).map(({ value }) => encodeModel(value, fast)),
];

const folder = mkdtempSync(join(tmpdir(), 'pare-reader-'));
try {
  const paths = files.map((bytes, i) => {
    const path = join(folder, `${i}.pare`);
    writeFileSync(path, bytes);
    return path;
  });
  const found = read(paths);
  let compared = 0;
  files.forEach((bytes, i) => {
    const { weights, ...header } = JSON.parse(found[i]!) as { weights: Found[]; labels?: string[]; topology?: unknown };
    const decoded = decodeModel(bytes);
    same(`labels and topology of file ${i}`, [header.labels, header.topology], [decoded.labels, decoded.topology]);
    same(`number of weights in file ${i}`, weights.length, decoded.weights.length);
    weights.forEach((weight, k) => {
      const { name, shape, ...rest } = expectedOf(decoded.weights[k]!);
      const { codec, mask, ...unmasked } = weight; // a dense one has no mask, whatever its record does with zeros
      same(
        `weight ${k} of file ${i}`,
        weight.kind === 'dense' ? unmasked : weight,
        codec ? { name, shape, codec } : { name, shape, ...rest },
      );
      compared += codec ? 0 : 1;
    });
  });
  refuse(files[0]!);
  console.log(`read_pare.py agrees on ${files.length} files, ${compared} weights`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function read(paths: readonly string[]): string[] {
  const { status, stdout, stderr, error } = spawnSync(process.env.PYTHON ?? 'python3', [READER, ...paths], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`read_pare.py ended with ${status}\n${stderr}`);
  return stdout.trim().split('\n');
}

/** Both refuse a damaged file. */
function refuse(bytes: Uint8Array): void {
  const path = join(folder, 'damaged.pare');
  for (const at of [4, 9, bytes.length - 1]) {
    writeFileSync(
      path,
      bytes.map((byte, i) => (i === at ? byte ^ 4 : byte)),
    );
    let refused = false;
    try {
      read([path]);
    } catch {
      refused = true;
    }
    same(`damage at byte ${at} is refused`, refused, true);
  }
}

function same(what: string, got: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: read_pare.py found ${a}, decodeModel ${b}`);
}

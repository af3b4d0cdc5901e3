import { existsSync, readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { type CompressSettings, compressModel } from '@pare/compress';
import type { Model } from '@pare/core';
import { importers, importModel, openSource } from '@pare/interop';
import { han2016 } from '@pare/plugin-han2016';
import { dataFolder } from './data-folder.ts';
import type { Count } from './measure.ts';
import { numbersOf } from './numbers-of.ts';

interface Network {
  readonly file: string;
  readonly name: string;
  /** Bits of the peers on its curve. */
  readonly bits: readonly number[];
  /** Peer's bytes over ours. */
  readonly must: number;
  readonly goal: number | null;
}

const squeezenet = { bits: [4, 5, 6, 8, 10, 12, 16], must: 1 / 0.97, goal: 1 / 0.92 }; // 3 % and 8 % smaller
const lenet = { bits: [4, 6, 8, 12, 16], must: 1, goal: null };

const networks: readonly Network[] = [
  { file: 'squeezenet/squeezenet_v1.0_caffe_dense.safetensors', name: 'SqueezeNet v1.0', ...squeezenet },
  { file: 'squeezenet/squeezenet_v1.1_dense.safetensors', name: 'SqueezeNet v1.1', ...squeezenet },
  { file: 'lenet/lenet-300-100_dense.safetensors', name: 'LeNet-300-100', ...lenet },
  { file: 'lenet/lenet-300-100_dns-sparse.safetensors', name: 'LeNet-300-100, pruned', ...lenet },
  { file: 'lenet/lenet-5_dense.safetensors', name: 'LeNet-5', ...lenet },
  { file: 'lenet/lenet-5_caffe10k_dense.safetensors', name: 'LeNet-5, other run', ...lenet },
  { file: 'lenet/lenet-5_dns-sparse.safetensors', name: 'LeNet-5, pruned', ...lenet },
];

const RELEASED = 'squeezenet/compressed_SqueezeNet.net';

/** The two ways in which errors of tensors become one number; see `CompressSettings.distortion`. */
const DEFINITIONS = ['absolute', 'relative'] as const;
type Definition = (typeof DEFINITIONS)[number];

/** A point of a curve: what a peer makes of a network, and ours at the same error or less. */
export interface SizePoint {
  readonly network: string;
  readonly bits: number;
  readonly definition: Definition;
  readonly error: number;
  readonly peerBytes: number;
  readonly oursError: number;
  readonly ours: number;
}

/** A row, and the point it stands for. */
export interface SizeEntry extends Count {
  readonly point?: SizePoint;
}

/** Bytes of files at equal error, and of files without any. */
export async function* sizeEntries(chosen: readonly Network[] = networks): AsyncGenerator<SizeEntry> {
  yield* releasedRows();
  for (const network of chosen) {
    const model = await load(network.file);
    yield* losslessRows(network.name, model);
    for await (const point of sizePoints(network, model)) {
      yield {
        name: `${network.name} at the ${point.definition} error of uint${point.bits}`,
        peer: PEER,
        ours: point.ours,
        theirs: point.peerBytes,
        must: network.must,
        goal: network.goal,
        point,
      };
    }
  }
}

const PEER =
  'affine integers of so many bits per tensor + brotli-11; biases as float32 or quantised, 16-bit codes as they are or in two planes: the smallest of these at the least error of these';

async function* sizePoints({ name, bits }: Network, model: Model): AsyncGenerator<SizePoint> {
  for (const each of bits) {
    const peer = peerOf(model, each);
    for (const definition of DEFINITIONS) {
      const error = peer.error[definition];
      const { bytes, report } = await compressModel(model, { error, distortion: definition });
      const oursError = definition === 'absolute' ? report.relativeError : report.meanRelativeError;
      if (oursError > error * (1 + 1e-9))
        throw new Error(`${name}: ours has the error ${oursError}, more than ${error}`);
      yield { network: name, bits: each, definition, error, peerBytes: peer.bytes, oursError, ours: bytes.length };
    }
  }
}

async function* losslessRows(name: string, model: Model): AsyncGenerator<Count> {
  const ours = (await compressModel(model, { lossless: true })).bytes.length;
  const raw = Buffer.concat(tensorsOf(model).map(({ values }) => bytesOf(values)));
  const row = { name: `${name}, lossless`, ours, goal: null };
  yield { ...row, peer: 'float32 as it is', theirs: raw.length, must: 1 / 0.88 };
  yield { ...row, peer: 'float32 + brotli-11', theirs: brotli(raw), must: 1 };
}

/** The released compressed SqueezeNet. Limits are those that the project has set itself. */
async function* releasedRows(): AsyncGenerator<Count> {
  const model = await load(RELEASED);
  const exact: readonly [string, CompressSettings, limit: number, goal: number | null][] = [
    ['bit-exact', { lossless: true }, 543_000, 530_000],
    ['bit-exact, Huffman codes only', { lossless: true, coding: 'huffman' }, 560_000, null],
    [
      'exact but for float16 codebooks and biases',
      { biases: 'float16', codebooks: 'float16', snr: 200 },
      517_000,
      null,
    ],
  ];
  for (const [what, settings, limit, goal] of exact) {
    const { bytes } = await compressModel(model, settings);
    yield limitRow(`released SqueezeNet, ${what}`, bytes.length, limit, goal);
  }
  const peer = peerOf(model, 8);
  for (const definition of DEFINITIONS) {
    const { bytes, report } = await compressModel(model, { error: peer.error[definition], distortion: definition });
    const error = definition === 'absolute' ? report.relativeError : report.meanRelativeError;
    if (error > peer.error[definition]) throw new Error(`released SqueezeNet: ours has the error ${error}`);
    const name = `released SqueezeNet at the ${definition} error of uint8`;
    yield limitRow(name, bytes.length, 486_000, 470_000);
    yield { name, peer: PEER, ours: bytes.length, theirs: peer.bytes, must: 1, goal: null };
  }
}

const limitRow = (name: string, ours: number, limit: number, goal: number | null): Count => ({
  name,
  peer: 'none: the value is a limit',
  ours,
  theirs: limit,
  must: 1,
  goal: goal === null ? null : limit / goal,
});

async function load(file: string): Promise<Model> {
  const path = `${dataFolder}/${file}`;
  if (!existsSync(path)) throw new Error(`no ${path}: set PARE_DATA to the folder with the networks`);
  const source = openSource({ name: file.slice(file.lastIndexOf('/') + 1), bytes: new Uint8Array(readFileSync(path)) });
  return (await importModel(source, { importers: [...importers, han2016()] })).model;
}

interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const tensorsOf = (model: Model): readonly Tensor[] =>
  model.weights.map((weight) => ({ shape: weight.shape, values: numbersOf(weight) }));

interface Peer {
  readonly bytes: number;
  readonly error: Readonly<Record<Definition, number>>;
}

/** As a server would serve it: all tensors one after the other, each with its scale and least value, in one brotli stream. */
function peerOf(model: Model, bits: number): Peer {
  const tensors = tensorsOf(model);
  const peers = [false, true].flatMap((vectors) =>
    (bits > 8 ? [false, true] : [false]).map((planes) => affine(tensors, bits, vectors, planes)),
  );
  const least = (of: (peer: Peer) => number) => peers.map(of).reduce((a, b) => Math.min(a, b));
  return {
    bytes: least(({ bytes }) => bytes),
    error: { absolute: least(({ error }) => error.absolute), relative: least(({ error }) => error.relative) },
  };
}

function affine(tensors: readonly Tensor[], bits: number, vectorsToo: boolean, planes: boolean): Peer {
  const parts: Uint8Array[] = [];
  let noise = 0;
  let signal = 0;
  let relative = 0;
  for (const { shape, values } of tensors) {
    const energy = values.reduce((sum, value) => sum + value * value, 0);
    signal += energy;
    if (shape.length < 2 && !vectorsToo) {
      parts.push(bytesOf(values));
      continue;
    }
    // Codes from the least to the greatest number, zero among them, which is exact.
    const low = values.reduce((a, b) => Math.min(a, b), 0);
    const high = values.reduce((a, b) => Math.max(a, b), 0);
    const top = 2 ** bits - 1;
    const scale = Math.fround((high - low) / top || 1);
    const zero = Math.round(-low / scale);
    const codes = Uint16Array.from(values, (value) => Math.max(0, Math.min(top, Math.round(value / scale) + zero)));
    const error = values.reduce((sum, value, i) => sum + (value - Math.fround((codes[i]! - zero) * scale)) ** 2, 0);
    noise += error;
    if (energy > 0) relative += error / energy;
    parts.push(bytesOf(Float32Array.of(scale, -zero * scale)));
    if (bits > 8 && !planes) parts.push(bytesOf(codes));
    else parts.push(Uint8Array.from(codes, (code) => code & 0xff));
    if (bits > 8 && planes) parts.push(Uint8Array.from(codes, (code) => code >> 8));
  }
  return {
    bytes: brotli(Buffer.concat(parts)),
    error: { absolute: noise / signal, relative: relative / tensors.length },
  };
}

const brotli = (bytes: Uint8Array): number =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  }).length;

const bytesOf = (array: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

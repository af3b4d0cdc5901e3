import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { elementCount, type Model } from '@pare/core';
import { decodeModel } from '@pare/format/decode';
import { wasmDecoders } from '@pare/format/wasm';
import { sharedAlexnet } from './alexnet.ts';
import type { Encoding } from './encode-alexnet.ts';
import type { Entry, Side } from './measure.ts';
import { numbersOf } from './numbers-of.ts';

const ROUNDS = 20;

/** An AlexNet-sized file: encoding within limits, decoding to floats against brotli. */
export function* wholeFileEntries(): Generator<Entry> {
  const { bytes, seconds, peakGb } = encodeApart();
  const encode = `AlexNet, encode for fast decoding to ${megabytes(bytes.length)}`;
  yield { name: encode, unit: 's', limit: 30, trial: () => seconds, trials: 1 };
  yield { name: `${encode}, peak memory`, unit: 'GB', limit: 2, trial: () => peakGb, trials: 1 };

  const model = sharedAlexnet();
  const count = model.weights.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const [ours, theirs] = [new Float32Array(count).fill(1), new Float32Array(count).fill(1)]; // touched
  const affine = affineModel(model);
  const brotli = brotliCompressSync(affine.bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: affine.bytes.length,
    },
  });
  const decode = decodeInto(bytes, ours, { decoders: wasmDecoders });
  const peer = `node's brotli (quality ${QUALITY}, as 11 takes ten minutes) of uint8 affine weights, ${megabytes(brotli.length)}, then w = min + scale·q`;
  const unbrotli: Side = { run: () => dequantize(brotliDecompressSync(brotli), affine.layers, theirs) };
  check(model, decode, ours, unbrotli, theirs);
  const name = `AlexNet, decode of ${megabytes(bytes.length)} to 61 M floats`;
  yield { name, peer, ours: decode, theirs: unbrotli, rounds: ROUNDS, must: 2, goal: null };
  const plain = decodeInto(bytes, ours, {});
  yield {
    name: `${name}, smallest decoder`,
    peer,
    ours: plain,
    theirs: unbrotli,
    rounds: ROUNDS,
    must: null,
    goal: null,
  };
  const secondsOfDecoding = (): number => {
    const start = performance.now();
    decode.run();
    return (performance.now() - start) / 1000;
  };
  yield { name: `${name}, alone`, unit: 's', limit: 1.2, trial: secondsOfDecoding, trials: ROUNDS };
}

// Brotli's best compression takes ten minutes for 61 MB; see the row's peer.
const QUALITY = 9;

const megabytes = (size: number): string => `${(size / 1e6).toFixed(1)} MB`;

function encodeApart(): Encoding & { readonly bytes: Uint8Array } {
  const folder = mkdtempSync(join(tmpdir(), 'pare-bench-'));
  try {
    const file = join(folder, 'alexnet.pare');
    const script = fileURLToPath(new URL('encode-alexnet.ts', import.meta.url));
    const { stdout, status } = spawnSync(process.execPath, [...process.execArgv, script, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0) throw new Error(`${script} ended with ${status}`);
    return { ...(JSON.parse(stdout.toString()) as Encoding), bytes: new Uint8Array(readFileSync(file)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Decodes into one array, weight after weight. */
function decodeInto(bytes: Uint8Array, out: Float32Array, options: { readonly decoders?: typeof wasmDecoders }): Side {
  return {
    run() {
      let next = 0;
      decodeModel(bytes, {
        ...options,
        dense: true,
        into: (_, count) => out.subarray(next, (next += count)),
      });
    },
  };
}

interface AffineLayer {
  readonly min: number;
  readonly scale: number;
  readonly length: number;
}

/** Weights as tfjs's converter quantises them to a byte: q = round((w − min) / scale), the least weight 0 and the greatest 255. */
function affineModel(model: Model): { readonly bytes: Uint8Array; readonly layers: readonly AffineLayer[] } {
  const layers: AffineLayer[] = [];
  const parts = model.weights.map((weight) => {
    const values = numbersOf(weight);
    const [min, max] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    const scale = (max - min) / 255;
    layers.push({ min, scale, length: values.length });
    const bytes = new Uint8Array(values.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round((values[i]! - min) / scale);
    return bytes;
  });
  return { bytes: Buffer.concat(parts), layers };
}

function dequantize(bytes: Uint8Array, layers: readonly AffineLayer[], out: Float32Array): void {
  let next = 0;
  for (const { min, scale, length } of layers) {
    for (const end = next + length; next < end; next++) out[next] = min + scale * bytes[next]!;
  }
}

/** Ours must be exact, and the peer's within half a step of rounding. */
function check(model: Model, decode: Side, ours: Float32Array, unbrotli: Side, theirs: Float32Array): void {
  decode.run();
  unbrotli.run();
  let next = 0;
  for (const weight of model.weights) {
    const { name } = weight;
    const values = numbersOf(weight);
    const step = (values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b))) / 255;
    for (let i = 0; i < values.length; i++, next++) {
      if (ours[next] !== values[i]) throw new Error(`${name}: ours is not what was encoded`);
      if (Math.abs(theirs[next]! - values[i]!) > 0.51 * step) throw new Error(`${name}: the peer's is far off`);
    }
  }
}

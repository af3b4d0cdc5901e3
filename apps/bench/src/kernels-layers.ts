import { existsSync, readFileSync } from 'node:fs';
import { type Random, type Shared, seededRandom } from '@pare/core';
import { magnitudeMask } from '@pare/pruning';
import { shareValues } from '@pare/quantization';
import type { Conv2dShape } from '@pare/sparse-kernels';
import { dataFolder } from './data-folder.ts';

/** A layer as Deep Compression leaves it for EIE, and what goes into it. */
export interface SparseLayer {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** The form of the weights: fifteen values and zero. */
  readonly form: Shared;
  /** [rows · columns]: the same, with all zeros. */
  readonly values: Float32Array;
  /** [columns], none of them zero. */
  readonly dense: Float32Array;
  /** [columns], of which as many are zero as EIE's authors found. */
  readonly skipped: Float32Array;
}

/** Shapes and densities of weights and inputs. Han et al. 2016 (EIE), table 3. */
const LAYERS = {
  fc6: { rows: 4096, columns: 9216, weights: 0.09, inputs: 0.351 },
  fc7: { rows: 4096, columns: 4096, weights: 0.09, inputs: 0.353 },
  fc8: { rows: 1000, columns: 4096, weights: 0.25, inputs: 0.375 },
  'VGG fc6': { rows: 4096, columns: 25088, weights: 0.04, inputs: 0.183 },
} as const;

/** The values that a code of 4 bits tells apart beside zero. */
const KINDS = 15;

/** Makes a layer: AlexNet's own fc7 and fc8 where the data folder has them, else drawn from a bell curve. */
export function sparseLayer(name: keyof typeof LAYERS): SparseLayer {
  const { rows, columns, weights, inputs } = LAYERS[name];
  const random = seededRandom(1).fork(name);
  const real = name === 'fc7' || name === 'fc8' ? readAlexnet(name, rows, columns) : undefined;
  const form = real
    ? shareValues(real, magnitudeMask(real, { keep: weights }), { count: KINDS })
    : drawn(rows * columns, weights, random.fork('weights'));
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < values.length; i++) if (form.mask[i]) values[i] = form.codebook[form.indices[i]!]!;
  const dense = bell(columns, random.fork('inputs'));
  const chances = random.fork('zeros');
  const skipped = dense.map((value) => (chances.float() < inputs ? value : 0));
  return { name: real ? `${name} (real)` : name, rows, columns, form, values, dense, skipped };
}

/** A convolution of squares of which some weights are left, with a bias, and what goes into it. */
export interface SparseConvolution {
  readonly name: string;
  readonly shape: Conv2dShape;
  /** [filters, channels, size, size] */
  readonly w: Float32Array;
  readonly bias: Float32Array;
  /** [channels, extent, extent] */
  readonly x: Float32Array;
}

/** Draws a convolution whose output is as large as its input. */
export function sparseConvolution(
  extent: number,
  channels: number,
  filters: number,
  size: number,
  density: number,
): SparseConvolution {
  const name = `${extent}x${extent}, ${channels} to ${filters}, ${size}x${size} at ${100 * density} %`;
  const random = seededRandom(1).fork(name);
  const next = quick(random.fork('zeros'));
  const all = bell(filters * channels * size * size, random.fork('weights'));
  const w = all.map((value) => (next() < density ? value : 0));
  const [x, bias] = [bell(channels * extent * extent, random.fork('x')), bell(filters, random.fork('bias'))];
  const pad = size >> 1;
  const windows = { kernelSize: [size, size], padding: [pad, pad, pad, pad] } as const;
  return { name, shape: { channels, height: extent, width: extent, filters, ...windows }, w, bias, x };
}

/** A sum of four uniform numbers: a bell curve, −2 … 2, without the time that logarithms take. */
export const bell = (length: number, random: Random): Float32Array => {
  const next = quick(random);
  return Float32Array.from({ length }, () => next() + next() + next() + next() - 2);
};

/** Kept weights as k-means shares them: equally wide steps of a bell curve from which the middle is pruned. */
function drawn(length: number, density: number, random: Random): Shared {
  const next = quick(random);
  const codebook = Float32Array.from({ length: KINDS }, (_, i) => (i - (KINDS - 1) / 2 + 0.1) / 16);
  const [indices, mask] = [new Uint16Array(length), new Uint8Array(length)];
  for (let i = 0; i < length; i++) {
    if (next() >= density) continue;
    mask[i] = 1;
    const value = next() + next() + next() + next() - 2;
    indices[i] = Math.max(0, Math.min(KINDS - 1, Math.round(value * 4.5 + 7)));
  }
  return { kind: 'shared', codebook, indices, mask };
}

/** Hundreds of millions of numbers are drawn here: a linear congruence, started by chance. */
export function quick(random: Random): () => number {
  let state = random.uint32() | 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Reads a layer of Caffe's AlexNet as Wu et al. 2016 left it, each vector of four inputs replaced by one of a codebook.
 *
 * @returns undefined if the data folder has it not
 */
function readAlexnet(name: 'fc7' | 'fc8', rows: number, columns: number): Float32Array | undefined {
  const folder = `${dataFolder}/alexnet-pq`;
  const number = name === 'fc7' ? '19' : '22';
  const path = (kind: string): string => `${folder}/bvlc_alexnet_aCaF.${kind.replace('.', `.${number}.`)}`;
  if (!existsSync(path('asmtLst.cbn')) || !existsSync(path('ctrdLst.bin'))) return undefined;
  // dims:i32 | extent:i32[dims] | value:f32[spaces, centroids, length]
  const centroids = readFileSync(path('ctrdLst.bin'));
  const [spaces, count, length] = [4, 8, 12].map((at) => centroids.readInt32LE(at)) as [number, number, number];
  // dims:i32 | extent:i32[dims] | bits:i32 | blocks of 4096 bytes of whole numbers of so many bits
  const assigned = readFileSync(path('asmtLst.cbn'));
  const bits = assigned.readInt32LE(12);
  const perBlock = Math.floor((8 * 4096) / bits);
  if (centroids.readInt32LE(0) !== 3 || spaces * length !== columns || assigned.readInt32LE(4) !== rows) {
    throw new Error(`${name}: expected ${columns} inputs in pieces and ${rows} outputs`);
  }
  const values = new Float32Array(rows * columns);
  for (let at = 0; at < rows * spaces; at++) {
    const bit = (at % perBlock) * bits;
    const byte = 16 + 4096 * Math.floor(at / perBlock) + (bit >>> 3);
    const pair = (assigned[byte]! << 8) | (assigned[byte + 1] ?? 0);
    const centroid = (pair >>> (16 - bits - (bit & 7))) & (2 ** bits - 1);
    const space = at % spaces;
    for (let j = 0; j < length; j++) {
      values[at * length + j] = centroids.readFloatLE(16 + 4 * ((space * count + centroid) * length + j));
    }
  }
  return values;
}

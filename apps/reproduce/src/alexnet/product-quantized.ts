import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CorruptDataError, denseWeight, elementCount, type Shape, type Weight } from '@pare/core';

/**
 * Reads what the authors of "Quantized Convolutional Neural Networks" (Wu et al. 2016) left of Caffe's AlexNet: trained weights,
 * each vector of some inputs replaced by the nearest of a codebook. fc6 is absent, so the network cannot be run; its other
 * layers are real weight matrices.
 *
 * @param folder - `alexnet-pq` of the data folder
 * @param names - of layers; default all seven
 * @returns kernels output-major and biases, in the order of the layers
 * @throws CorruptDataError if a file does not have the lengths that its header and the layer imply
 */
export function readProductQuantized(folder: string, names: readonly string[] = Object.keys(LAYERS)): Weight[] {
  return names.flatMap((name) => {
    const layer = LAYERS[name];
    if (!layer) {
      throw new RangeError(`readProductQuantized: "names" expected ${Object.keys(LAYERS).join(', ')}, got ${name}`);
    }
    const { number, shape } = layer;
    const read = (kind: string): Uint8Array => {
      const [part, extension] = kind.split('.') as [string, string];
      return readFileSync(join(folder, `bvlc_alexnet_aCaF.${part}.${number}.${extension}`));
    };
    const kernel = reassemble(readNumbers(read('asmtLst.cbn')), readFloats(read('ctrdLst.bin')), shape);
    const bias = readFloats(read('biasVec.bin'));
    if (elementCount(bias.dims) !== shape[0]) {
      throw new CorruptDataError(
        'shape',
        0,
        `bias of ${name}: expected ${shape[0]} values, got [${bias.dims.join(', ')}]`,
      );
    }
    return [denseWeight(`${name}/kernel`, shape, kernel), denseWeight(`${name}/bias`, [shape[0]!], bias.values)];
  });
}

/** The layers that are there, by their numbers in the file names. */
const LAYERS: Readonly<Record<string, { readonly number: string; readonly shape: Shape }>> = {
  conv1: { number: '01', shape: [96, 3, 11, 11] },
  conv2: { number: '05', shape: [256, 48, 5, 5] },
  conv3: { number: '09', shape: [384, 256, 3, 3] },
  conv4: { number: '11', shape: [384, 192, 3, 3] },
  conv5: { number: '13', shape: [256, 192, 3, 3] },
  fc7: { number: '19', shape: [4096, 4096] },
  fc8: { number: '22', shape: [1000, 4096] },
};

/** Numbers with the extents of the array that they fill, outermost first. */
export interface Numbers<T> {
  readonly dims: readonly number[];
  readonly values: T;
}

/**
 * Reads an array of float32: `dims:i32 | extent:i32[dims] | value:f32[…]`, little-endian.
 *
 * @throws CorruptDataError if the bytes are not as many
 */
export function readFloats(bytes: Uint8Array): Numbers<Float32Array> {
  const view = viewOf(bytes);
  const { dims, at, count } = readDims(view);
  if (at + 4 * count !== bytes.length) {
    throw new CorruptDataError('length', bytes.length, `expected ${at + 4 * count} bytes for [${dims.join(', ')}]`);
  }
  return { dims, values: Float32Array.from({ length: count }, (_, i) => view.getFloat32(at + 4 * i, true)) };
}

/**
 * Reads an array of numbers of few bits: `dims:i32 | extent:i32[dims] | bits:i32 | block*`. A block is 4096 bytes with as many
 * whole numbers as fit, the highest bit first; what is left of the last one is zero.
 *
 * @throws CorruptDataError if the bytes are not as many
 */
export function readNumbers(bytes: Uint8Array): Numbers<Uint8Array> {
  const view = viewOf(bytes);
  const { dims, at, count } = readDims(view);
  if (at + 4 > bytes.length) throw new CorruptDataError('length', at, 'expected the number of bits');
  const bits = view.getInt32(at, true);
  if (!(bits >= 1 && bits <= 8)) throw new CorruptDataError('bits', at, `expected 1 … 8 bits, got ${bits}`);
  const start = at + 4;
  const perBlock = Math.floor((8 * BLOCK) / bits);
  const blocks = Math.ceil(count / perBlock);
  if (start + BLOCK * blocks !== bytes.length) {
    throw new CorruptDataError(
      'length',
      bytes.length,
      `expected ${start + BLOCK * blocks} bytes for [${dims.join(', ')}]`,
    );
  }
  const values = new Uint8Array(count);
  for (let block = 0; block < blocks; block++) {
    const first = start + BLOCK * block;
    const here = Math.min(perBlock, count - perBlock * block);
    for (let i = 0; i < here; i++) {
      const bit = i * bits;
      const byte = first + (bit >>> 3);
      const pair = (bytes[byte]! << 8) | (bytes[byte + 1] ?? 0);
      values[perBlock * block + i] = (pair >>> (16 - bits - (bit & 7))) & (2 ** bits - 1);
    }
  }
  return { dims, values };
}

const BLOCK = 4096;
/** None of the files has more. */
const MOST_DIMS = 4;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readDims(view: DataView): { readonly dims: number[]; readonly at: number; readonly count: number } {
  const length = view.byteLength < 4 ? 0 : view.getInt32(0, true);
  const at = 4 + 4 * length;
  if (!(length >= 1 && length <= MOST_DIMS) || at > view.byteLength) {
    throw new CorruptDataError('dims', 0, `expected 1 … ${MOST_DIMS} extents, got ${length}`);
  }
  const dims = Array.from({ length }, (_, i) => view.getInt32(4 + 4 * i, true));
  if (dims.some((extent) => extent < 1)) throw new CorruptDataError('dims', 4, `got extents [${dims.join(', ')}]`);
  const count = dims.reduce((a, b) => a * b, 1);
  // A number takes a bit at least.
  if (count > 8 * view.byteLength)
    throw new CorruptDataError('length', view.byteLength, `too short for [${dims.join(', ')}]`);
  return { dims, at, count };
}

/**
 * Puts the vectors of the codebooks where they belong.
 *
 * With S sub-spaces of K centroids of d values, weight [o, s·d + j, r, c] = centroid[s, assigned[o, r, c, s], j]; what would lie
 * beyond the inputs is left out (conv1 has three).
 *
 * @throws CorruptDataError if the arrays do not fit the shape, or a number names no centroid
 */
export function reassemble(
  assigned: Numbers<Uint8Array>,
  centroids: Numbers<Float32Array>,
  shape: Shape,
): Float32Array {
  const [outputs, inputs, height = 1, width = 1] = shape as [number, number, number?, number?];
  const [spaces = 0, count = 0, length = 0] = centroids.dims;
  const expected = shape.length === 4 ? [outputs, height, width, spaces] : [outputs, spaces];
  const fits = centroids.dims.length === 3 && Math.ceil(inputs / length) === spaces;
  if (!fits || assigned.dims.join() !== expected.join()) {
    throw new CorruptDataError(
      'shape',
      0,
      `centroids [${centroids.dims.join(', ')}] and assignments [${assigned.dims.join(', ')}] do not fit [${shape.join(', ')}]`,
    );
  }
  const area = height * width;
  const values = new Float32Array(outputs * inputs * area);
  let at = 0;
  for (let output = 0; output < outputs; output++) {
    for (let place = 0; place < area; place++) {
      for (let space = 0; space < spaces; space++, at++) {
        const centroid = assigned.values[at]!;
        if (centroid >= count) {
          throw new CorruptDataError('centroid', at, `assignment ${at} names ${centroid} of ${count} centroids`);
        }
        const from = (space * count + centroid) * length;
        const first = space * length;
        for (let j = 0; j < length && first + j < inputs; j++) {
          values[(output * inputs + first + j) * area + place] = centroids.values[from + j]!;
        }
      }
    }
  }
  return values;
}

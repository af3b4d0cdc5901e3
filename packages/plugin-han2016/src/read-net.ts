import {
  type Conv2dLayer,
  CorruptDataError,
  type Dense,
  type DenseLayer,
  denseWeight,
  elementCount,
  kernelShape,
  type Layer,
  type Shared,
  type Weight,
} from '@pare/core';

/** What a `.net` file holds, in the order of its layers. */
export interface Net {
  /** Kernels shared, biases dense, named as the layers name them. */
  readonly weights: readonly Weight<Shared | Dense>[];
  /** Entries stored, fillers included. */
  readonly entries: number;
  /** Entries of value zero that bridge gaps of more than 15 zeros. They are no weights: the mask is 0 there. */
  readonly fillers: number;
}

/**
 * Reads the weights of a `.net` file, bit by bit: 8-bit codebooks, 4-bit relative indices, no Huffman codes.
 *
 * ```
 * n:u32 for each layer |
 * for each layer: codebook:f32[256] | bias:f32[outputs] | code:u8[n] | gap:u4[n], the lower half of a byte first
 * ```
 *
 * All of it is little-endian. Entry i stands at Σ (gap + 1) − 1 of the row-major `[K, C, R, S]`; what no entry reaches is zero.
 * Codebook entry 0 is 0.0: an entry of code 0 is a filler.
 *
 * @param layers - of the network; those with kernels, in order, are what the file is about
 * @throws CorruptDataError if the file does not fit the layers to the last byte, or is damaged
 * @throws RangeError if a layer has no bias, for which the file has a place
 * @example
 * const layers = [
 *   { kind: 'input', name: 'data', inputs: [], outputShape: [5] },
 *   { kind: 'dense', name: 'ip', inputs: ['data'], outputShape: [1], units: 1, kernel: 'ip/kernel', bias: 'ip/bias' },
 * ];
 * // Two entries; a codebook and a bias of zeros; codes 9 and 7, after gaps of 1 and 2
 * const bytes = Uint8Array.of(2, 0, 0, 0, ...new Uint8Array(4 * 256 + 4), 9, 7, 0x21);
 * readNet(bytes, layers).weights[0].form.indices // Uint16Array(5) [ 0, 9, 0, 0, 7 ]
 * @see Han, Mao, Dally 2016, section 2; github.com/songhan/SqueezeNet-Deep-Compression, decode.py
 */
export function readNet(bytes: Uint8Array, layers: readonly Layer[]): Net {
  const places = placesOf(layers);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkLength(view, places);
  let at = 4 * places.length;
  let entries = 0;
  let fillers = 0;
  const weights = places.flatMap(({ kernel, bias, shape }, place) => {
    const count = view.getUint32(4 * place, true);
    const codebook = readFloats(view, at, CODEBOOK_SIZE, kernel);
    if (!Object.is(codebook[0], 0)) {
      throw new CorruptDataError('codebook', at, `"${kernel}" has ${codebook[0]} where fillers need a zero`);
    }
    at += 4 * CODEBOOK_SIZE;
    const biases = readFloats(view, at, shape[0], bias);
    at += 4 * shape[0];
    const placed = placeEntries(bytes, at, count, kernel, elementCount(shape));
    at += count + Math.ceil(count / 2);
    entries += count;
    fillers += placed.fillers;
    const form: Shared = { kind: 'shared', codebook, indices: placed.indices, mask: placed.mask };
    return [{ name: kernel, shape, form }, denseWeight(bias, [shape[0]], biases)];
  });
  return { weights, entries, fillers };
}

/** Tells whether bytes are as long as a `.net` file of these layers says that it is. */
export function isNet(bytes: Uint8Array, layers: readonly Layer[]): boolean {
  try {
    checkLength(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), placesOf(layers));
    return true;
  } catch {
    return false;
  }
}

const CODEBOOK_SIZE = 256;

interface Place {
  readonly kernel: string;
  readonly bias: string;
  /** Of the kernel; its first extent is that of the bias. */
  readonly shape: readonly [number, ...number[]];
}

function placesOf(layers: readonly Layer[]): readonly Place[] {
  const shapes = new Map(layers.map(({ name, outputShape }) => [name, outputShape]));
  return layers.filter(hasKernel).map((layer) => {
    const { name, kernel, bias } = layer;
    if (bias === undefined) throw new RangeError(`readNet: "layers" expected biases everywhere, "${name}" has none`);
    return { kernel, bias, shape: kernelShape(layer, shapes.get(layer.inputs[0] ?? '') ?? []) };
  });
}

const hasKernel = (layer: Layer): layer is Conv2dLayer | DenseLayer =>
  layer.kind === 'conv2d' || layer.kind === 'dense';

function checkLength(view: DataView, places: readonly Place[]): void {
  let length = 4 * places.length;
  if (view.byteLength < length) throw new CorruptDataError('truncated', view.byteLength, 'ends within its counts');
  places.forEach(({ kernel, shape }, place) => {
    const count = view.getUint32(4 * place, true);
    // Every entry is at least one place after the one before it.
    if (count > elementCount(shape)) {
      throw new CorruptDataError('count', 4 * place, `${count} entries for [${shape.join(', ')}] of "${kernel}"`);
    }
    length += 4 * CODEBOOK_SIZE + 4 * shape[0] + count + Math.ceil(count / 2);
  });
  if (view.byteLength !== length) {
    throw new CorruptDataError(
      'length',
      Math.min(length, view.byteLength),
      `${view.byteLength} bytes instead of ${length}`,
    );
  }
}

function readFloats(view: DataView, at: number, length: number, name: string): Float32Array {
  const numbers = Float32Array.from({ length }, (_, i) => view.getFloat32(at + 4 * i, true));
  const wrong = numbers.findIndex((number) => !Number.isFinite(number));
  if (wrong >= 0) throw new CorruptDataError('not-finite', at + 4 * wrong, `"${name}" has ${numbers[wrong]}`);
  return numbers;
}

function placeEntries(bytes: Uint8Array, at: number, count: number, name: string, length: number) {
  const indices = new Uint16Array(length);
  const mask = new Uint8Array(length);
  const gaps = at + count;
  let fillers = 0;
  let position = -1;
  for (let i = 0; i < count; i++) {
    position += ((bytes[gaps + (i >>> 1)]! >>> (4 * (i & 1))) & 15) + 1;
    if (position >= length) {
      throw new CorruptDataError(
        'position',
        gaps + (i >>> 1),
        `entry ${i} of "${name}" lies beyond its ${length} weights`,
      );
    }
    const code = bytes[at + i]!;
    if (code === 0) {
      fillers++;
    } else {
      indices[position] = code;
      mask[position] = 1;
    }
  }
  return { indices, mask, fillers };
}

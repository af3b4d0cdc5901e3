import type { Shape } from '@pare/core';
import { toFloat32 } from '../numbers.ts';
import { type NpyParts, openNpy, rowMajor } from './npy.ts';
import { listEntries } from './npz.ts';

/** An array of numbers, row-major, in a type that holds them: bytes, floats, or doubles for whole numbers of more bits. */
export interface NumpyArray {
  readonly shape: Shape;
  readonly numbers: Uint8Array | Float32Array | Float64Array;
}

/**
 * Reads one array out of what `numpy.savez` wrote: data, such as pixels and labels, where the importer `npz` reads weights.
 *
 * @returns undefined if there is no array of that name
 * @throws CorruptDataError if it is damaged, or holds something else than real numbers
 * @example
 * const { files } = await npzExporter.write({ layers: [], weights: [denseWeight('x', [2], Float32Array.of(1, 2))], history: [] }, 'a');
 * readNpzArray(files.get('a.npz'), 'x').shape // [2]
 * @see numpy.lib.format, NEP 1
 */
export function readNpzArray(bytes: Uint8Array, name: string): NumpyArray | undefined {
  const entry = listEntries(bytes).find((each) => each.name === `${name}.npy`);
  if (!entry) return undefined;
  const parts = openNpy(name, entry.read());
  const numbers = numbersOf(parts);
  return { shape: parts.shape, numbers: parts.fortran ? rowMajor(numbers, parts.shape) : numbers };
}

function numbersOf({ shape, descr, code, littleEndian, data, refuse }: NpyParts): NumpyArray['numbers'] {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const size = Number(code.slice(1));
  const float = FLOATS[code];
  const read = WHOLE[code];
  if (!float && !read) return refuse(`${descr}, expected real numbers`);
  if (data.length !== count * size) return refuse(`shape [${shape.join(', ')}] of ${descr} in ${data.length} bytes`);
  if (float) return toFloat32(data, float, littleEndian);
  if (code === 'u1') return data.slice();
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Float64Array.from({ length: count }, (_, i) => read!(view, i * size, littleEndian));
}

const FLOATS: Readonly<Partial<Record<string, 'float16' | 'float32' | 'float64'>>> = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/** Beyond 2^53 they are rounded. */
const WHOLE: Readonly<Partial<Record<string, (view: DataView, at: number, littleEndian: boolean) => number>>> = {
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, littleEndian) => view.getUint16(at, littleEndian),
  i2: (view, at, littleEndian) => view.getInt16(at, littleEndian),
  u4: (view, at, littleEndian) => view.getUint32(at, littleEndian),
  i4: (view, at, littleEndian) => view.getInt32(at, littleEndian),
  u8: (view, at, littleEndian) => Number(view.getBigUint64(at, littleEndian)),
  i8: (view, at, littleEndian) => Number(view.getBigInt64(at, littleEndian)),
};

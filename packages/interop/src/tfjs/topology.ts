import { elementCount } from '@pare/core';
import {
  expectList,
  expectObject,
  expectText,
  expectWhole,
  isObject,
  type JsonObject,
  own,
  unexpected,
} from './json.ts';
import type { Layout } from './layout.ts';

/**
 * What `Model.topology` holds of a model that came from tfjs: enough to write it back exactly, but for the numbers of its
 * weights. Plain JSON.
 */
export interface TfjsTopology {
  /** Says whose it is, and the version of this structure. */
  readonly tfjs: 1;
  /** `model.json` but for `weightsManifest`, unchanged. */
  readonly model: JsonObject;
  /** The tensors of `weightsManifest`, in their groups and order. */
  readonly groups: readonly (readonly TensorEntry[])[];
}

/** One tensor. Its numbers are a weight's, or `data`. */
export interface TensorEntry extends Partial<Layout> {
  /** The entry of `weightsManifest`, unchanged. */
  readonly spec: TensorSpec;
  /** Name of the weight; default the tensor's own. */
  readonly weight?: string;
  /** The bytes as they stood in the shard, in base64: of tensors that are no weights. */
  readonly data?: string;
}

/** What tfjs calls a WeightsManifestEntry. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

/**
 * Finds what a model brought along from tfjs.
 *
 * @returns undefined if it did not come from there
 * @throws CorruptDataError if it says so, but is not as `TfjsTopology` describes
 */
export function tfjsTopology(topology: unknown): TfjsTopology | undefined {
  if (!isObject(topology) || own(topology, 'tfjs') === undefined) return undefined;
  if (topology.tfjs !== 1) return unexpected('topology.tfjs', 'version 1', topology.tfjs);
  const groups = expectList(topology.groups, 'topology.groups').map((group, g) =>
    expectList(group, `topology.groups[${g}]`).map((entry, i) => expectEntry(entry, `topology.groups[${g}][${i}]`)),
  );
  return { tfjs: 1, model: expectObject(topology.model, 'topology.model'), groups };
}

function expectEntry(value: unknown, where: string): TensorEntry {
  const { spec, weight, view, perm, data } = expectObject(value, where);
  return {
    spec: expectSpec(spec, `${where}.spec`),
    ...(weight !== undefined && { weight: expectText(weight, `${where}.weight`) }),
    ...(data !== undefined && { data: expectText(data, `${where}.data`) }),
    ...(view !== undefined && { view: expectExtents(view, `${where}.view`) }),
    ...(perm !== undefined && { perm: expectExtents(perm, `${where}.perm`) }),
  };
}

const DTYPES = ['float32', 'int32', 'bool', 'string', 'complex64'];
const QUANTIZED = ['uint8', 'uint16', 'float16'];

/** @throws CorruptDataError if it is none that tfjs knows */
export function expectSpec(value: unknown, where: string): TensorSpec {
  const spec = expectObject(value, where);
  const name = expectText(spec.name, `${where}.name`);
  const shape = expectExtents(spec.shape, `${where}.shape`);
  if (!DTYPES.includes(spec.dtype as string)) unexpected(`${where}.dtype`, `one of ${DTYPES.join(', ')}`, spec.dtype);
  if (!Number.isSafeInteger(elementCount(shape))) unexpected(`${where}.shape`, 'fewer elements', shape);
  const dtype = spec.dtype as string;
  if (spec.quantization === undefined) return { ...spec, name, shape, dtype };
  const quantization = expectObject(spec.quantization, `${where}.quantization`);
  if (!QUANTIZED.includes(quantization.dtype as string) || !['float32', 'int32'].includes(dtype)) {
    unexpected(`${where}.quantization`, `${QUANTIZED.join(', ')} of a tensor of numbers`, quantization);
  }
  if (quantization.dtype === 'float16') {
    if (dtype !== 'float32') unexpected(`${where}.quantization`, 'uint8 or uint16 for int32', quantization);
  } else if (!Number.isFinite(quantization.scale) || !Number.isFinite(quantization.min)) {
    unexpected(`${where}.quantization`, 'a scale and a min', quantization);
  }
  return { ...spec, name, shape, dtype, quantization: quantization as unknown as TensorSpec['quantization'] & object };
}

const expectExtents = (value: unknown, where: string): number[] =>
  expectList(value, where).map((extent, i) => expectWhole(extent, `${where}[${i}]`));

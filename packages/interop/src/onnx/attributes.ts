import type { Extent } from '../graph.ts';
import type { AttributeProto, NodeProto, ValueInfoProto } from './schema.ts';

export const attributeOf = ({ attribute = [] }: NodeProto, name: string): AttributeProto | undefined =>
  attribute.find((one) => one.name === name);

export const intOf = (node: NodeProto, name: string, absent: number): number => attributeOf(node, name)?.i ?? absent;
export const floatOf = (node: NodeProto, name: string, absent: number): number => attributeOf(node, name)?.f ?? absent;
export const intsOf = (node: NodeProto, name: string): readonly number[] | undefined => attributeOf(node, name)?.ints;
export function textOf(node: NodeProto, name: string, absent: string): string {
  const bytes = attributeOf(node, name)?.s;
  return bytes ? new TextDecoder().decode(bytes) : absent;
}

/** Two numbers, rows and columns; undefined if the node is not for images. */
export function pairOf(node: NodeProto, name: string, absent?: number): readonly [number, number] | undefined {
  const ints = intsOf(node, name) ?? (absent === undefined ? [] : [absent, absent]);
  return ints.length === 2 ? [ints[0]!, ints[1]!] : undefined;
}

type Padding = readonly [number, number, number, number];

/** ONNX has [top, left, bottom, right], or a rule by which they follow; undefined if they cannot be known. */
export function paddingOf(
  node: NodeProto,
  shape: readonly Extent[] | undefined,
  size: readonly [number, number],
  stride: readonly [number, number],
  dilation: readonly [number, number],
): Padding | undefined {
  const rule = textOf(node, 'auto_pad', 'NOTSET');
  if (rule === 'VALID') return [0, 0, 0, 0];
  if (rule === 'NOTSET') {
    const [top, left, bottom, right, ...others] = intsOf(node, 'pads') ?? [0, 0, 0, 0];
    return right === undefined || others.length > 0 ? undefined : [top!, bottom!, left!, right];
  }
  const zeros = ([0, 1] as const).map((axis) => {
    const reach = (size[axis] - 1) * dilation[axis] + 1;
    const length = shape?.[axis + 1];
    if (stride[axis] === 1) return reach - 1;
    return length ? Math.max(0, (Math.ceil(length / stride[axis]) - 1) * stride[axis] + reach - length) : undefined;
  });
  const [rows, columns] = zeros;
  if (rows === undefined || columns === undefined) return undefined;
  const [less, more] = [Math.floor, Math.ceil];
  return rule === 'SAME_LOWER'
    ? [more(rows / 2), less(rows / 2), more(columns / 2), less(columns / 2)]
    : [less(rows / 2), more(rows / 2), less(columns / 2), more(columns / 2)];
}

/** Without the batch. */
export function shapeOf({ type }: ValueInfoProto): readonly Extent[] | undefined {
  const dims = type?.tensor_type?.shape?.dim;
  return dims
    ?.slice(1, 9)
    .map(({ dim_value: extent }) =>
      extent !== undefined && Number.isSafeInteger(extent) && extent > 0 ? extent : null,
    );
}

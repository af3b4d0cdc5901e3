import { attributeOf } from './attributes.ts';
import type { NodeProto } from './schema.ts';
import { type Constant, derived, readTensor } from './tensor.ts';

/** x = (q − zero point) · scale, the latter two for all or along an axis. */
export function dequantized(
  name: string,
  q: Constant,
  scale: Constant,
  zero: Constant | undefined,
  axis: number,
): Constant | undefined {
  const at = axis < 0 ? axis + q.shape.length : axis;
  const count = scale.shape.reduce((a, b) => a * b, 1);
  const along = count === 1 ? 1 : q.shape[at];
  if (
    !/^U?INT(8|16|32)$/.test(q.type) ||
    !scale.isFloat ||
    along !== count ||
    (zero && zero.shape.join() !== scale.shape.join())
  )
    return undefined;
  const inner = q.shape.slice(at + 1).reduce((a, b) => a * b, 1);
  return derived({ ...q, name, isFloat: true }, q.shape, () => {
    const [factors, zeros] = [scale.numbers(), zero?.numbers()];
    return q.numbers().map((value, i) => {
      const channel = count === 1 ? 0 : Math.floor(i / inner) % count;
      return (value - (zeros?.[channel] ?? 0)) * factors[channel]!;
    });
  });
}

/** What a Constant node holds, as a tensor; undefined if that is text or sparse. */
export function constantOf(
  name: string,
  proto: NodeProto,
  external: ReadonlyMap<string, Uint8Array>,
): Constant | undefined {
  const tensor = attributeOf(proto, 'value')?.t;
  if (tensor) return readTensor({ ...tensor, name }, external);
  const floats = attributeOf(proto, 'value_floats')?.floats;
  const float = attributeOf(proto, 'value_float')?.f;
  if (floats || float !== undefined) {
    const numbers = floats ?? Float32Array.of(float!);
    return readTensor({ name, dims: floats ? [numbers.length] : [], data_type: 1, float_data: numbers }, external);
  }
  const ints = attributeOf(proto, 'value_ints')?.ints;
  const int = attributeOf(proto, 'value_int')?.i;
  if (!ints && int === undefined) return undefined;
  const numbers = ints ?? [int!];
  return readTensor({ name, dims: ints ? [numbers.length] : [], data_type: 7, int64_data: numbers }, external);
}

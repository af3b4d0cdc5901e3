/** Zeros around a map: `[top, bottom, left, right]`. */
export type Padding = readonly [number, number, number, number];

/** An extent, or null if it is known only when the network runs. */
export type Extent = number | null;

/** How windows slide over a map, rows before columns. */
export interface Window {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** What tfjs calls `pad`; numbers if they are given explicitly. */
  readonly padding: 'same' | 'valid' | Padding;
}

export const NO_PADDING: Padding = [0, 0, 0, 0];

/**
 * Turns `'same'` into numbers: zeros enough for ⌈H / stride⌉ windows, the odd one below and to the right.
 *
 * Where H is not known, it is taken to be a multiple of the stride.
 *
 * @param extents - `[H, W]`
 * @example
 * paddingOf({ size: [3, 3], stride: [2, 2], dilation: [1, 1], padding: 'same' }, [6, 5]) // [0, 1, 1, 1]
 */
export function paddingOf({ size, stride, dilation, padding }: Window, extents: readonly Extent[]): Padding {
  if (padding === 'valid') return NO_PADDING;
  if (padding !== 'same') return padding;
  const zeros = (axis: 0 | 1): [number, number] => {
    const length = extents[axis] ?? stride[axis];
    const windows = Math.ceil(length / stride[axis]);
    const total = Math.max(0, (windows - 1) * stride[axis] + reach(size[axis], dilation[axis]) - length);
    return [total >> 1, total - (total >> 1)];
  };
  return [...zeros(0), ...zeros(1)];
}

/** How many windows fit into the padded map, rows and columns; partial ones do not count. */
export function windowsOf(window: Window, padding: Padding, extents: readonly Extent[]): [Extent, Extent] {
  const count = (axis: 0 | 1): Extent => {
    const length = extents[axis];
    if (length === null || length === undefined) return null;
    const padded = length + padding[2 * axis]! + padding[2 * axis + 1]!;
    const free = padded - reach(window.size[axis], window.dilation[axis]);
    return Math.max(0, Math.floor(free / window.stride[axis]) + 1);
  };
  return [count(0), count(1)];
}

export const addPadding = (a: Padding, b: Padding): Padding => [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];

export const padsNothing = (padding: Padding): boolean => padding.every((zeros) => zeros === 0);

const reach = (size: number, dilation: number): number => (size - 1) * dilation + 1;

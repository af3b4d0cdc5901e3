import { elementCount, type Shape } from '@pare/core';

/**
 * How the numbers of a tensor lie in tfjs and in the house: the tensor, looked at as `view`, has its axes put into the order
 * `perm` (as numpy's transpose does), and what comes out is the weight, whose shape has the same number of elements.
 */
export interface Layout {
  readonly view: Shape;
  readonly perm: readonly number[];
}

/** `[R, S, C, K]` → `[K, C, R, S]`. */
export const convolutionLayout = (shape: Shape): Layout => ({ view: shape, perm: [3, 2, 0, 1] });

/** `[R, S, C, M]` → `[C·M, 1, R, S]`: filter c·M + m is the m-th of channel c. */
export const depthwiseLayout = (shape: Shape): Layout => ({ view: shape, perm: [2, 3, 0, 1] });

/**
 * `[H·W·C, K]` → `[K, C·H·W]`, the order in which the house flattens; without a map that was flattened, `[C, K]` → `[K, C]`.
 *
 * @param flattened - `[H, W, C]`
 * @param transposed - whether the tensor is `[K, H·W·C]`
 */
export function denseLayout([rows = 0, columns = 0]: Shape, flattened?: Shape, transposed = false): Layout {
  const [inputs, units] = transposed ? [columns, rows] : [rows, columns];
  const channels = flattened?.[2] ?? inputs;
  const pixels = channels === 0 ? 0 : inputs / channels;
  return transposed
    ? { view: [units, pixels, channels], perm: [0, 2, 1] }
    : { view: [pixels, channels, units], perm: [2, 1, 0] };
}

/** `[H·W·C]` → `[C·H·W]`, for what has a number for each element of a flattened map. */
export const flattenedLayout = ([height = 1, width = 1, channels = 1]: Shape): Layout => ({
  view: [height * width, channels],
  perm: [1, 0],
});

/** Whether the order of the numbers stays as it is. Axes of one element may go anywhere. */
export function keepsOrder({ view, perm }: Layout): boolean {
  const moved = perm.filter((axis) => view[axis] !== 1);
  return moved.every((axis, i) => i === 0 || axis > moved[i - 1]!);
}

/**
 * Puts numbers from the order of tfjs into that of the house.
 *
 * @throws RangeError if the numbers do not fill the view or `perm` is no order of its axes
 * @example
 * fromTfjs(Float32Array.of(1, 2, 3, 4, 5, 6), { view: [2, 3], perm: [1, 0] }) // Float32Array [1, 4, 2, 5, 3, 6]
 */
export function fromTfjs<T extends Numbers>(values: T, layout: Layout, out: T = alike(values)): T {
  const next = indicesOf(values.length, layout);
  for (let i = 0; i < values.length; i++) out[i] = values[next()]!;
  return out;
}

/**
 * Puts numbers from the order of the house into that of tfjs: undoes `fromTfjs`.
 *
 * @throws as `fromTfjs`
 * @example
 * toTfjs(Float32Array.of(1, 4, 2, 5, 3, 6), { view: [2, 3], perm: [1, 0] }) // Float32Array [1, 2, 3, 4, 5, 6]
 */
export function toTfjs<T extends Numbers>(values: T, layout: Layout, out: T = alike(values)): T {
  const next = indicesOf(values.length, layout);
  for (let i = 0; i < values.length; i++) out[next()] = values[i]!;
  return out;
}

type Numbers = Float32Array | Uint16Array | Uint8Array;

const alike = <T extends Numbers>(values: T): T => values.slice() as T;

/**
 * Walks the permuted axes with the last one fastest, as an odometer counts: each call gives the index into the tensor of the
 * next number of the weight.
 */
function indicesOf(count: number, { view, perm }: Layout): () => number {
  const known = new Set(perm);
  if (known.size !== view.length || perm.length !== view.length || view.some((_, axis) => !known.has(axis))) {
    throw new RangeError(`layout: "perm" expected an order of the ${view.length} axes, got [${perm.join(', ')}]`);
  }
  if (elementCount(view) !== count) {
    throw new RangeError(`layout: "view" expected ${count} elements, got [${view.join(', ')}]`);
  }
  const strides = view.map((_, axis) => elementCount(view.slice(axis + 1)));
  const extents = perm.map((axis) => view[axis]!);
  const steps = perm.map((axis) => strides[axis]!);
  const position = new Uint32Array(extents.length);
  const last = extents.length - 1;
  let index = 0;
  return () => {
    const now = index;
    for (let axis = last; axis >= 0; axis--) {
      index += steps[axis]!;
      if (++position[axis]! < extents[axis]!) break;
      index -= steps[axis]! * extents[axis]!;
      position[axis] = 0;
    }
    return now;
  };
}

/** A convolution of planes `[channels, height, width]`, in numbers. */
export interface Conv2dShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly filters: number;
  /** Rows and columns of the window. */
  readonly kernelSize: readonly [number, number];
  /** Default `[1, 1]`. */
  readonly stride?: readonly [number, number];
  /** Zeros added: `[top, bottom, left, right]`; default none. */
  readonly padding?: readonly [number, number, number, number];
  /** Rows and columns from a tap to the next; default `[1, 1]`. */
  readonly dilation?: readonly [number, number];
  /** Default 1. */
  readonly groups?: number;
}

/** Where outputs are cut off; default nowhere. A ReLU is `{ least: 0 }`. */
export interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

/** A layer whose weights are in the memory of kernels, ready to run. Addresses and sizes are in bytes. */
export interface Prepared {
  /** What its weights take there, beside what was asked for them. */
  readonly weightBytes: number;
  /** Memory that a run needs for itself and leaves free. */
  readonly scratchBytes: number;
  /** What a run reads of weights: those that it multiplies with, and what says where they belong. */
  readonly readBytes: number;
  /** `x` and `y` must not overlap; `x` must be readable 64 bytes beyond its end. */
  run(x: number, y: number, scratch: number): void;
}

/**
 * Weights of a filter.
 *
 * @param caller - whose name the message begins with
 * @throws RangeError if groups do not divide channels and filters, or there is no output
 */
export function depthOf(caller: string, shape: Conv2dShape): number {
  const { channels, filters, kernelSize, groups = 1 } = shape;
  if (channels % groups || filters % groups || !outputSize(shape).every((extent) => extent >= 1)) {
    const expected = 'groups that divide channels and filters, and windows that fit into what they see';
    throw new RangeError(`${caller}: "shape" expected ${expected}, got ${JSON.stringify(shape)}`);
  }
  return (channels / groups) * kernelSize[0] * kernelSize[1];
}

/**
 * Height and width of a convolution's output: ⌊(H + top + bottom − (R − 1) · dilation − 1) / stride⌋ + 1, less than 1 where there is none.
 *
 * @example
 * outputSize({ channels: 3, height: 227, width: 227, filters: 96, kernelSize: [7, 7], stride: [2, 2] }) // [111, 111]
 */
export function outputSize({
  height,
  width,
  kernelSize,
  stride = [1, 1],
  padding = [0, 0, 0, 0],
  dilation = [1, 1],
}: Conv2dShape): readonly [number, number] {
  const extent = (axis: 0 | 1, length: number): number =>
    Math.floor(
      (length + padding[2 * axis]! + padding[2 * axis + 1]! - (kernelSize[axis] - 1) * dilation[axis] - 1) /
        stride[axis],
    ) + 1;
  return [extent(0, height), extent(1, width)];
}

import { type Conv2dShape, outputSize } from './dense/shapes.ts';

/**
 * How planes lie in memory for a sparse convolution: `[channels, phasesDown, phasesAcross, rows, pitch]`, where phase (q, r) has
 * every stride-th row from q − top and every stride-th column from r − left, zeros outside.
 *
 * What a tap of the kernel sees is then a piece of memory without gaps, from the first output pixel to the last: output (i, j) is at
 * i · pitch + j of it. Between rows there are up to kernel − 1 pixels which belong to no output. With a stride of 1 the zeros on the
 * right of a row are those on the left of the next, so that there are fewer.
 */
export interface PlaneLayout {
  /** Whether planes can stay as they are. */
  readonly isDirect: boolean;
  readonly phasesDown: number;
  readonly phasesAcross: number;
  readonly rows: number;
  /** Numbers from row to row. */
  readonly pitch: number;
  /** Zeros after the last plane. */
  readonly behind: number;
}

/**
 * Chooses the layout for a convolution.
 *
 * @example
 * const shape = { channels: 1, height: 13, width: 13, filters: 1, kernelSize: [3, 3], padding: [1, 1, 1, 1] };
 * const { rows, pitch } = planeLayout(shape);
 * [rows, pitch] // [15, 14]
 */
export function planeLayout(shape: Conv2dShape): PlaneLayout {
  const { height, width, kernelSize, stride = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1] } = shape;
  const isDirect = stride.every((step) => step === 1) && padding.every((zeros) => zeros === 0);
  if (isDirect) return { isDirect, phasesDown: 1, phasesAcross: 1, rows: height, pitch: width, behind: 0 };
  const output = outputSize(shape);
  const [down, across] = ([0, 1] as const).map((axis) => {
    const shifts = Array.from({ length: kernelSize[axis] }, (_, tap) => tap * dilation[axis]);
    return {
      phases: 1 + Math.max(...shifts.map((shift) => shift % stride[axis])),
      length: output[axis] + Math.floor(shifts.at(-1)! / stride[axis]),
    };
  }) as [{ phases: number; length: number }, { phases: number; length: number }];
  const left = padding[2];
  const zerosRight = across.length - left - width;
  const shared = stride[1] === 1 ? Math.max(0, Math.min(left, zerosRight, across.length - output[1])) : 0;
  return {
    isDirect,
    phasesDown: down.phases,
    phasesAcross: across.phases,
    rows: down.length,
    pitch: across.length - shared,
    behind: shared,
  };
}

/** Numbers that planes take in a layout. */
export const layoutLength = (layout: PlaneLayout, channels: number): number =>
  channels * planeLength(layout) + layout.behind;

const planeLength = ({ phasesDown, phasesAcross, rows, pitch }: PlaneLayout): number =>
  phasesDown * phasesAcross * rows * pitch;

/** For each channel of one group and each tap of the window, how many numbers after the group's first one it begins to see. */
export function tapShifts(
  { channels, kernelSize, stride = [1, 1], dilation = [1, 1], groups = 1 }: Conv2dShape,
  layout: PlaneLayout,
): Uint32Array {
  const { phasesAcross, rows, pitch } = layout;
  const [kernelRows, kernelColumns] = kernelSize;
  return Uint32Array.from({ length: (channels / groups) * kernelRows * kernelColumns }, (_, tap) => {
    const column = (tap % kernelColumns) * dilation[1];
    const row = (Math.floor(tap / kernelColumns) % kernelRows) * dilation[0];
    const channel = Math.floor(tap / (kernelRows * kernelColumns));
    const phase = (row % stride[0]) * phasesAcross + (column % stride[1]);
    const inPhase = Math.floor(row / stride[0]) * pitch + Math.floor(column / stride[1]);
    return channel * planeLength(layout) + phase * rows * pitch + inPhase;
  });
}

/**
 * Lays planes out, in JavaScript.
 *
 * @param x - `[channels, height, width]`
 * @example
 * const shape = { channels: 1, height: 2, width: 2, filters: 1, kernelSize: [2, 2], padding: [1, 0, 1, 0] };
 * [...layOut(shape, planeLayout(shape), Float32Array.of(1, 2, 3, 4))] // [0, 0, 0, 0, 1, 2, 0, 3, 4]
 */
export function layOut(shape: Conv2dShape, layout: PlaneLayout, x: Float32Array): Float32Array {
  const { channels, height, width, stride = [1, 1], padding = [0, 0, 0, 0] } = shape;
  const { phasesDown, phasesAcross, rows, pitch } = layout;
  const out = new Float32Array(layoutLength(layout, channels));
  for (let c = 0, to = 0; c < channels; c++) {
    for (let phase = 0; phase < phasesDown * phasesAcross; phase++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < pitch; j++, to++) {
          const row = i * stride[0] + Math.floor(phase / phasesAcross) - padding[0];
          const column = j * stride[1] + (phase % phasesAcross) - padding[2];
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          out[to] = x[(c * height + row) * width + column]!;
        }
      }
    }
  }
  return out;
}

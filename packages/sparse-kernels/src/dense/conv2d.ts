import { expectLength } from '../expect.ts';
import type { Kernels } from '../kernels.ts';
import { type Bounds, type Conv2dShape, depthOf, outputSize, type Prepared } from './shapes.ts';

/**
 * Puts the weights of a convolution into the memory of kernels, in the order in which they are read.
 *
 * Plain twin: `plainConv2d`.
 *
 * @param w - `[filters, channels / groups, R, S]`
 * @param bias - `[filters]`; default zeros
 * @param ns - what it is estimated to take: pixels are computed apart if that is worthwhile. Default 0: it is not
 * @returns takes planes `[channels, height, width]` and gives `[filters, rows, columns]`
 * @throws RangeError if the shape is none, weights or bias have not the size that it asks for, or the memory does not suffice
 */
export function denseConv2d(
  kernels: Kernels,
  shape: Conv2dShape,
  w: Float32Array,
  bias?: Float32Array,
  bounds: Bounds = {},
  ns = 0,
): Prepared {
  const { channels, height, width, filters, kernelSize, groups = 1 } = shape;
  const { least = -Infinity, most = Infinity } = bounds;
  const depth = depthOf('denseConv2d', shape);
  expectLength('denseConv2d', 'w', w, filters * depth);
  expectLength('denseConv2d', 'bias', bias, filters);
  const { exports } = kernels;
  const [rows, columns] = outputSize(shape);
  const layout = layOut(shape);
  const biases = kernels.place(bias ?? new Float32Array(filters));
  const perGroup = channels / groups;
  const each = filters / groups;
  const taps = kernels.place(tapsOf(shape, layout, perGroup));
  const planeBytes = layout.planeBytes;
  const planesBytes = layout.isDirect ? 0 : channels * planeBytes + 64;
  const weightBytes = 4 * (w.length + filters + depth);
  const prepare = ({ exports }: Kernels, x: number, scratch: number): number => {
    if (layout.isDirect) return x;
    const [top, , left] = shape.padding ?? [0, 0, 0, 0];
    exports.layOutPlanes(x, channels, height, width, top, left, scratch, layout.rows, layout.phases, layout.step);
    return scratch;
  };

  // With several filters a channel (an image of one) the product below is the faster one.
  if (perGroup === 1 && each < 8) {
    const weights = kernels.place(w);
    return {
      weightBytes,
      readBytes: weightBytes,
      scratchBytes: planesBytes,
      run(x, y, scratch) {
        const planes = prepare(kernels, x, scratch);
        exports.denseDepthwise(
          planes,
          planeBytes,
          rows,
          columns,
          layout.rowStep,
          taps,
          depth,
          weights,
          biases,
          filters,
          each,
          y,
          least,
          most,
        );
      },
    };
  }

  const fives = fivesOf(each);
  const size = depth * each;
  const weights = kernels.allocate(4 * w.length);
  for (let g = 0; g < groups; g++) {
    packFilters(w.subarray(g * size, (g + 1) * size), each, fives, kernels.float32(weights + 4 * g * size, size));
  }
  // A map that is seen as it is may as well be one long row: no vector then lies in two, and parts can begin with any pixel.
  const isFlat = layout.isDirect && kernelSize[0] * kernelSize[1] === 1 && layout.rowStep === 4 * width;
  const [pixelsEach, seenEach] = isFlat ? [1, 4] : [columns, layout.rowStep]; // of an item: a pixel or a row
  const prepareItems = (own: Kernels, first: number, end: number): Prepared => ({
    weightBytes: 0,
    readBytes: 0,
    scratchBytes: planesBytes + exports.denseConvScratchBytes(each),
    run(x, y, scratch) {
      const planes = prepare(own, x, scratch);
      for (let g = 0; g < groups; g++) {
        own.exports.denseConv(
          planes + g * perGroup * planeBytes + first * seenEach,
          isFlat ? 1 : end - first,
          isFlat ? end - first : columns,
          layout.rowStep,
          taps,
          depth,
          weights + 4 * g * size,
          biases + 4 * g * each,
          each,
          fives,
          y + 4 * (g * each * rows * columns + first * pixelsEach),
          4 * rows * columns,
          least,
          most,
          scratch + planesBytes,
        );
      }
    },
  });
  const work = isFlat ? { count: rows * columns, ns, step: 16 } : { count: rows, ns };
  return { ...kernels.inParts(work, prepareItems), weightBytes, readBytes: weightBytes };
}

/** How planes lie in memory for a convolution, so that neighbours in its output see neighbours: see assembly/dense-planes.ts. */
interface PlaneLayout {
  /** Whether the planes can stay as they are. */
  readonly isDirect: boolean;
  /** Rows of a plane. */
  readonly rows: number;
  /** Every `phases`-th column lies beside the next. */
  readonly phases: number;
  /** Floats of a phase of a row. */
  readonly step: number;
  readonly planeBytes: number;
  /** Bytes from what a row of the output sees to what the next row sees. */
  readonly rowStep: number;
}

function layOut(shape: Conv2dShape): PlaneLayout {
  const { height, width, kernelSize, stride = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1] } = shape;
  const [outputRows, outputColumns] = outputSize(shape);
  const isDirect = stride[1] === 1 && padding.every((zeros) => zeros === 0);
  const rows = isDirect ? height : (outputRows - 1) * stride[0] + (kernelSize[0] - 1) * dilation[0] + 1;
  const phases = stride[1];
  const step = isDirect ? width : outputColumns + Math.floor(((kernelSize[1] - 1) * dilation[1]) / phases);
  const rowBytes = 4 * phases * step;
  return { isDirect, rows, phases, step, planeBytes: rows * rowBytes, rowStep: stride[0] * rowBytes };
}

/** For each channel and tap of the window, bytes from where an output pixel begins to see. */
function tapsOf({ kernelSize, dilation = [1, 1] }: Conv2dShape, layout: PlaneLayout, channels: number): Int32Array {
  const [rows, columns] = kernelSize;
  const { phases, step, planeBytes } = layout;
  return Int32Array.from({ length: channels * rows * columns }, (_, t) => {
    const [s, r, c] = [t % columns, Math.floor(t / columns) % rows, Math.floor(t / columns / rows)];
    const column = s * dilation[1];
    const inRow = (column % phases) * step + Math.floor(column / phases);
    return c * planeBytes + 4 * (r * dilation[0] * phases * step + inRow);
  });
}

/** As many fives as leave a number of threes; where that cannot be (1, 2, 4, 7), all. */
export function fivesOf(filters: number): number {
  for (let fives = Math.floor(filters / 5); fives >= 0; fives--) if ((filters - 5 * fives) % 3 === 0) return fives;
  return Math.floor(filters / 5);
}

/**
 * Packs filters in panels of 5, 3, 2 and 1: to[panel][t][i] = w[first + i, t].
 *
 * @param w - `[filters, depth]`
 */
export function packFilters(w: Float32Array, filters: number, fives: number, to: Float32Array): void {
  const depth = w.length / filters;
  let at = 0;
  for (let first = 0; first < filters; ) {
    const left = filters - first;
    const many = first < 5 * fives ? 5 : Math.min(left, 3);
    for (let t = 0; t < depth; t++) for (let i = 0; i < many; i++) to[at++] = w[(first + i) * depth + t]!;
    first += many;
  }
}

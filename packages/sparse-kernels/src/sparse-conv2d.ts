import { type Csr, rowsOf } from './csr.ts';
import { type Bounds, type Conv2dShape, depthOf, outputSize, type Prepared } from './dense/shapes.ts';
import { expectLength } from './expect.ts';
import type { Kernels } from './kernels.ts';
import { layOut, layoutLength, planeLayout, tapShifts } from './plane-layout.ts';
import { sparseRows } from './sparse-rows.ts';

/**
 * Puts the nonzeros of a convolution into the memory of kernels, each with where it finds its inputs: kernels of 1x1 and of any other
 * size, stride, padding, dilation and number of groups are then one and the same loop.
 *
 * Differs from its plain twin `plainSparseConv2d` in working on 24 pixels at a time, with sums of float32.
 *
 * @param weights - `[filters, channels / groups · R · S]`: see `toCsr`
 * @param bias - `[filters]`. Default: none
 * @param bandRows - rows of the output that are computed at once. Which pixels go together decides the order of sums: parts of a
 *   layer have that of the whole
 * @returns takes planes `[channels, height, width]` and gives `[filters, rows, columns]`
 * @throws RangeError if the shape is none, matrix or bias have not the size that it asks for, or the memory does not suffice
 * @example
 * const own = createKernels();
 * const shape = { channels: 1, height: 2, width: 2, filters: 1, kernelSize: [1, 1] };
 * const layer = sparseConv2d(own, shape, toCsr({ kind: 'dense', values: Float32Array.of(3) }, 1, 1));
 * const [x, y] = [own.place(Float32Array.of(1, 2, 3, 4)), own.allocate(16)];
 * layer.run(x, y, own.allocate(layer.scratchBytes));
 * [...own.float32(y, 4)] // [3, 6, 9, 12]
 */
export function sparseConv2d(
  kernels: Kernels,
  shape: Conv2dShape,
  weights: Csr,
  bias?: Float32Array,
  { least = -Infinity, most = Infinity }: Bounds = {},
  bandRows: number = bandOf(shape),
): Prepared {
  checkSize('sparseConv2d', shape, weights);
  expectLength('sparseConv2d', 'bias', bias, shape.filters);
  const { channels, height, width, filters, stride = [1, 1], padding = [0, 0, 0, 0] } = shape;
  const { exports } = kernels;
  const [outputRows, outputColumns] = outputSize(shape);
  const layout = planeLayout(shape);
  const { isDirect, phasesDown, phasesAcross, rows, pitch, behind } = layout;
  const ends = kernels.place(weights.rowEnds);
  const entries = kernels.place(entriesOf(weights, shifts(shape, layout)));
  const biases = bias ? kernels.place(bias) : 0;
  const weightBytes = 4 * filters + 8 * weights.values.length + (bias ? 4 * filters : 0);

  const laidOut = isDirect ? 0 : 4 * Math.ceil(layoutLength(layout, channels) / 4) * 4 + 16;
  const outputBytes = 4 * outputRows * outputColumns;
  const isCompact = pitch === outputColumns || outputRows === 1;
  // The kernel writes at least four numbers, which a smaller output has no room for.
  const intoScratch = !isCompact || outputBytes < 16;
  const band = intoScratch ? bandRows : outputRows;
  const bandBytes = intoScratch ? 4 * Math.max(4, band * pitch) : outputBytes;
  const seen = 96 * channels * shape.kernelSize[0]; // bytes: what a block sees of each channel are as many pieces as the window has rows
  const together = Math.max(1, Math.min(8, Math.floor(FIRST_CACHE_BYTES / seen)));
  return {
    weightBytes,
    readBytes: weightBytes,
    scratchBytes: laidOut + (intoScratch ? filters * bandBytes : 0),
    run(x, y, scratch) {
      let from = x;
      if (!isDirect) {
        from = scratch;
        exports.layOutPhases(
          x,
          channels,
          height,
          width,
          padding[0],
          padding[2],
          stride[0],
          stride[1],
          from,
          phasesDown,
          phasesAcross,
          rows,
          pitch,
          behind,
        );
      }
      const to = intoScratch ? scratch + laidOut : y;
      for (let row = 0; row < outputRows; row += band) {
        const some = Math.min(band, outputRows - row);
        const count = (some - 1) * pitch + outputColumns;
        exports.sparseRows(
          filters,
          ends,
          entries,
          from + 4 * row * pitch,
          count,
          together,
          biases,
          least,
          most,
          0,
          to,
          bandBytes,
        );
        if (!intoScratch) continue;
        const target = y + 4 * row * outputColumns;
        exports.compactPlanes(to, bandBytes, filters, some, pitch, outputColumns, target, outputBytes);
      }
    },
  };
}

/** Of a first-level cache of 32 kB, what may be filled with inputs. */
const FIRST_CACHE_BYTES = 24 * 1024;

/** Bytes of a band of all outputs that stay in a second-level cache of 512 kB, beside what they are made of. */
const BAND_BYTES = 128 * 1024;

/** Rows that are computed before they are moved to where they belong: those whose pixels fill blocks of 24 best. */
export function bandOf(shape: Conv2dShape): number {
  const { pitch } = planeLayout(shape);
  const [rows] = outputSize(shape);
  const { filters } = shape;
  const most = Math.max(1, Math.min(rows, Math.floor(BAND_BYTES / (4 * filters * pitch))));
  let best = 1;
  let bestCost = Infinity;
  for (let band = 1; band <= most; band++) {
    const last = rows % band;
    const blocks = Math.floor(rows / band) * Math.ceil((band * pitch) / 24) + Math.ceil((last * pitch) / 24);
    if (blocks <= bestCost) [best, bestCost] = [band, blocks];
  }
  return best;
}

/** (u32 offset in bytes, f32 value) of each nonzero. */
function entriesOf(
  { rows, rowEnds, indices, values }: Csr,
  shiftOf: (row: number) => (column: number) => number,
): Uint32Array {
  const entries = new Uint32Array(2 * values.length);
  const numbers = new Float32Array(entries.buffer);
  for (let m = 0, k = 0; m < rows; m++) {
    const shift = shiftOf(m);
    for (const end = rowEnds[m]!; k < end; k++) {
      entries[2 * k] = 4 * shift(indices[k]!);
      numbers[2 * k + 1] = values[k]!;
    }
  }
  return entries;
}

/** Where row m finds the inputs of a column: from the first channel of its group on. */
function shifts(
  shape: Conv2dShape,
  layout: ReturnType<typeof planeLayout>,
): (row: number) => (column: number) => number {
  const { channels, filters, groups = 1 } = shape;
  const taps = tapShifts(shape, layout);
  const groupLength = (layoutLength(layout, channels) - layout.behind) / groups;
  return (row) => {
    const first = Math.floor(row / (filters / groups)) * groupLength;
    return (column) => first + taps[column]!;
  };
}

function checkSize(name: string, shape: Conv2dShape, { rows, columns }: Csr): void {
  const { filters } = shape;
  const depth = depthOf(name, shape);
  if (rows === filters && columns === depth) return;
  throw new RangeError(`${name}: "weights" expected [${filters}, ${depth}] for the shape, got [${rows}, ${columns}]`);
}

/**
 * Convolves with nonzeros alone, in JavaScript; see {@link sparseConv2d}.
 *
 * @param x - `[channels, height, width]`
 * @returns `[filters, rows, columns]`
 * @throws RangeError if the shape is none, or an array has not the size that it asks for
 * @example
 * const shape = { channels: 1, height: 2, width: 2, filters: 1, kernelSize: [2, 2] };
 * const weights = toCsr({ kind: 'dense', values: Float32Array.of(1, 0, 0, 1) }, 1, 4);
 * plainSparseConv2d(shape, weights, Float32Array.of(1, 2, 3, 4)) // Float32Array [5]
 */
export function plainSparseConv2d(
  shape: Conv2dShape,
  weights: Csr,
  x: Float32Array,
  bias?: Float32Array,
  bounds: Bounds = {},
): Float32Array {
  checkSize('plainSparseConv2d', shape, weights);
  const { channels, height, width, filters, groups = 1 } = shape;
  expectLength('plainSparseConv2d', 'x', x, channels * height * width);
  expectLength('plainSparseConv2d', 'bias', bias, filters);
  const [outputRows, outputColumns] = outputSize(shape);
  const layout = planeLayout(shape);
  const planes = layOut(shape, layout, x);
  const perGroup = filters / groups;
  const groupLength = (planes.length - layout.behind) / groups;
  const taps = tapShifts(shape, layout);
  const y = new Float32Array(filters * outputRows * outputColumns);
  for (let g = 0; g < groups; g++) {
    const [first, end] = [g * perGroup, (g + 1) * perGroup];
    const group = rowsOf(weights, first, end);
    for (let i = 0; i < outputRows; i++) {
      const seen = planes.subarray(g * groupLength + i * layout.pitch);
      const to = y.subarray((first * outputRows + i) * outputColumns);
      sparseRows(group, taps, seen, outputColumns, to, outputRows * outputColumns, bias?.subarray(first, end), bounds);
    }
  }
  return y;
}

import type { Kernels } from '../kernels.ts';
import { fivesOf, packFilters } from './conv2d.ts';
import { type Bounds, type Conv2dShape, outputSize, type Prepared } from './shapes.ts';

/** How a convolution is cut into tiles: see assembly/dense-winograd.ts. */
export interface WinogradTiles {
  /** Outputs of a tile along an axis. */
  readonly m: number;
  readonly stride: number;
  readonly tileRows: number;
  readonly tileColumns: number;
  /** Multiplications of a tile, all filters together. */
  readonly multiplications: number;
}

/**
 * Cuts a convolution into tiles for Winograd's way.
 *
 * @returns undefined if it cannot be done so: where windows, strides or dilations are not the same both ways, or the window, divided by
 *   the stride, is not 3, 4 or 5
 * @example
 * winogradTiles({ channels: 3, height: 227, width: 227, filters: 96, kernelSize: [7, 7], stride: [2, 2] })
 * // { m: 3, stride: 2, tileRows: 37, tileColumns: 37, multiplications: 41472 }
 */
export function winogradTiles(shape: Conv2dShape): WinogradTiles | undefined {
  const { channels, filters, kernelSize, stride = [1, 1], dilation = [1, 1], groups = 1 } = shape;
  const [size, s] = [kernelSize[0], stride[0]];
  const taps = Math.ceil(size / s); // of a window when every s-th row and column is a channel of its own
  if (kernelSize[1] !== size || stride[1] !== s || dilation[0] !== 1 || dilation[1] !== 1) return undefined;
  if (taps < 3 || taps > 5) return undefined;
  const m = 7 - taps;
  const [rows, columns] = outputSize(shape);
  const multiplications = (PLACES * s * s * channels * filters) / groups;
  return { m, stride: s, tileRows: Math.ceil(rows / m), tileColumns: Math.ceil(columns / m), multiplications };
}

/**
 * Puts the weights of a convolution into the memory of kernels for Winograd's way, which multiplies about a quarter as often and
 * takes up to four times the memory for weights.
 *
 * Plain twin: `plainConv2d`. Differs from it by some 10⁻⁶ of the largest output.
 *
 * @param w - `[filters, channels / groups, R, S]`
 * @param bias - `[filters]`; default zeros
 * @param ns - what it is estimated to take: rows of tiles are computed apart if that is worthwhile. Default 0: it is not
 * @throws RangeError if there are no `winogradTiles`, or the memory does not suffice
 */
export function winogradConv2d(
  kernels: Kernels,
  shape: Conv2dShape,
  w: Float32Array,
  bias?: Float32Array,
  { least = -Infinity, most = Infinity }: Bounds = {},
  ns = 0,
): Prepared {
  const tiles = winogradTiles(shape);
  if (!tiles) throw new RangeError('winogradConv2d: "shape" expected windows of 3, 4 or 5 strides, the same both ways');
  const { channels, height, width, filters, kernelSize, padding = [0, 0, 0, 0], groups = 1 } = shape;
  const { m, stride, tileRows, tileColumns } = tiles;
  const [rows, columns] = outputSize(shape);
  const phases = m * stride;
  const step = tileColumns + Math.floor((6 * stride - 1) / phases); // the last columns that a tile sees are of later phases

  const [planes, each] = [channels / groups, filters / groups];
  const depth = planes * stride * stride;
  const block = Math.ceil(each / Math.ceil(each / MOST_FILTERS));
  const size = PLACES * each * depth; // of a group
  const weights = kernels.allocate(4 * groups * size);
  for (let g = 0; g < groups; g++) {
    const part = w.subarray((g * w.length) / groups, ((g + 1) * w.length) / groups);
    const made = transformed(part, each * planes, kernelSize[0], stride);
    pack(kernels.float32(weights + 4 * g * size, size), made, depth, each, block);
  }
  const biases = kernels.place(bias ?? new Float32Array(filters));
  const [blockFives, lastFives] = [fivesOf(block), fivesOf(each % block || block)];
  const fitting = Math.floor(SEEN_BYTES / (4 * PLACES * depth * tileColumns));
  const blockRows = Math.max(1, Math.min(tileRows, Math.round(MOST_TILES / tileColumns), fitting));
  const prepareTiles = ({ exports }: Kernels, first: number, end: number): Prepared => {
    const laidRows = phases * (end - first - 1) + 6 * stride;
    const planeBytes = 4 * phases * step * laidRows;
    const planesBytes = Math.ceil((channels * planeBytes) / 64) * 64 + 64;
    const top = padding[0] - phases * first;
    return {
      weightBytes: 0,
      readBytes: 0,
      scratchBytes: planesBytes + exports.winogradScratchBytes(depth, tileColumns, block, blockRows),
      run(x, y, scratch) {
        exports.layOutPlanes(x, channels, height, width, top, padding[2], scratch, laidRows, phases, step);
        for (let g = 0; g < groups; g++) {
          exports.winogradConv(
            scratch + g * planes * planeBytes,
            planeBytes,
            step,
            planes,
            m,
            stride,
            first,
            end - first,
            tileColumns,
            weights + 4 * g * size,
            biases + 4 * g * each,
            each,
            block,
            blockFives,
            lastFives,
            blockRows,
            y + 4 * g * each * rows * columns,
            rows,
            columns,
            least,
            most,
            scratch + planesBytes,
          );
        }
      },
    };
  };
  const weightBytes = 4 * (groups * size + filters);
  const work = { count: tileRows, ns, step: blockRows };
  return { ...kernels.inParts(work, prepareTiles), weightBytes, readBytes: weightBytes };
}

/** Of a square of 6 × 6. */
const PLACES = 36;
/** 40: eight fives; 36 places × 40 filters × 32 tiles × 4 B = 184 kB stay in a second-level cache. */
const MOST_FILTERS = 40;
/** Tiles that are worked on together. */
const MOST_TILES = 48;
/** What may lie between the first step and the second: half a second-level cache. */
const SEEN_BYTES = 256 * 1024;

/** Gives each block of filters, for each place, their transformed weights, packed. @param places - [36, filters, depth] */
function pack(to: Float32Array, places: Float32Array, depth: number, filters: number, block: number): void {
  let at = 0;
  for (let first = 0; first < filters; first += block) {
    const some = Math.min(block, filters - first);
    const size = some * depth;
    for (let place = 0; place < PLACES; place++) {
      const start = (place * filters + first) * depth;
      packFilters(places.subarray(start, start + size), some, fivesOf(some), to.subarray(at, at + size));
      at += size;
    }
  }
}

/**
 * G g Gᵀ of all kernels g, of which each makes stride² smaller ones: every stride-th row and column, zeros where they end.
 *
 * @param w - `[kernels, size, size]`
 * @returns `[36, kernels, stride, stride]`
 */
function transformed(w: Float32Array, kernels: number, size: number, stride: number): Float32Array {
  const taps = Math.ceil(size / stride);
  const count = kernels * stride * stride;
  const out = new Float32Array(PLACES * count);
  const g = pointPowers(taps);
  const half = new Float64Array(6 * taps); // G g
  for (let i = 0; i < count; i++) {
    const [kernel, down, across] = [Math.floor(i / stride / stride), Math.floor(i / stride) % stride, i % stride];
    half.fill(0);
    for (let r = 0; r * stride + down < size; r++) {
      for (let s = 0; s * stride + across < size; s++) {
        const value = w[(kernel * size + r * stride + down) * size + s * stride + across]!;
        for (let p = 0; p < 6; p++) half[p * taps + s]! += g[p * taps + r]! * value;
      }
    }
    for (let p = 0; p < 6; p++) {
      for (let q = 0; q < 6; q++) {
        let sum = 0;
        for (let s = 0; s < taps; s++) sum += half[p * taps + s]! * g[q * taps + s]!;
        out[(6 * p + q) * count + i] = sum;
      }
    }
  }
  return out;
}

const POINTS = [0, 1, -1, 2, -2] as const;
const SCALES = [1 / 4, -1 / 6, -1 / 6, 1 / 24, 1 / 24] as const;

/** G `[6, taps]`: in row p the powers of point p, scaled; in the last, that of infinity, 1 for the highest power. */
const pointPowers = (taps: number): Float64Array =>
  Float64Array.from({ length: 6 * taps }, (_, i) => {
    const [p, r] = [Math.floor(i / taps), i % taps];
    return p === 5 ? Number(r === taps - 1) : SCALES[p]! * POINTS[p]! ** r;
  });

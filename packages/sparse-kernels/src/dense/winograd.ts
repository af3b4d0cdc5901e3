import type { Kernels } from '../kernels.ts';
import { fivesOf, packFilters } from './conv2d.ts';
import { type Bounds, type Conv2dShape, outputSize, type Prepared } from './shapes.ts';

/** Whether a convolution can be done so: 3 × 3, with stride 1, one group and no dilation. */
export const fitsWinograd = ({ kernelSize, stride = [1, 1], dilation = [1, 1], groups = 1 }: Conv2dShape): boolean =>
  groups === 1 && [...kernelSize, ...stride, ...dilation].join() === '3,3,1,1,1,1';

/**
 * Puts the weights of a 3 × 3 convolution into the memory of kernels for Winograd's way, which multiplies a quarter as often and
 * takes four times the memory for weights.
 *
 * Plain twin: `plainConv2d`. Differs from it by some 10⁻⁶ of the largest output.
 *
 * @param w - `[filters, channels, 3, 3]`
 * @param bias - `[filters]`; default zeros
 * @throws RangeError if the convolution is not one that `fitsWinograd`, or the memory does not suffice
 */
export function winogradConv2d(
  kernels: Kernels,
  shape: Conv2dShape,
  w: Float32Array,
  bias?: Float32Array,
  { least = -Infinity, most = Infinity }: Bounds = {},
): Prepared {
  if (!fitsWinograd(shape)) {
    throw new RangeError('winogradConv2d: "shape" expected 3 × 3, stride 1, no dilation and one group');
  }
  const { channels, height, width, filters, padding = [0, 0, 0, 0] } = shape;
  const { exports } = kernels;
  const [rows, columns] = outputSize(shape);
  const [tileRows, tileColumns] = [Math.ceil(rows / 4), Math.ceil(columns / 4)];
  const step = tileColumns + 1; // the last two columns that a tile sees are of the next phase round
  const laidRows = 4 * tileRows + 2;
  const planeBytes = 4 * 4 * step * laidRows;
  const planesBytes = Math.ceil((channels * planeBytes) / 64) * 64 + 64;

  const blocks = Math.ceil(filters / MOST_FILTERS);
  const block = Math.ceil(filters / blocks);
  const weights = kernels.allocate(4 * PLACES * filters * channels);
  pack(kernels.float32(weights, PLACES * filters * channels), w, channels, filters, block);
  const biases = kernels.place(bias ?? new Float32Array(filters));
  const lastFives = fivesOf(filters % block || block);
  const fitting = Math.floor(SEEN_BYTES / (4 * PLACES * channels * tileColumns));
  const blockRows = Math.max(1, Math.min(tileRows, Math.round(MOST_TILES / tileColumns), fitting));
  const weightBytes = 4 * (PLACES * filters * channels + filters);
  return {
    weightBytes,
    readBytes: weightBytes,
    scratchBytes: planesBytes + exports.winogradScratchBytes(channels, tileColumns, block, blockRows),
    run(x, y, scratch) {
      // biome-ignore format: one call each
      exports.layOutPlanes(x, channels, height, width, padding[0], padding[2], scratch, laidRows, 4, step);
      // biome-ignore format: one call each
      exports.winogradConv(scratch, planeBytes, step, channels, tileRows, tileColumns, weights, biases, filters, block, fivesOf(block), lastFives, blockRows, y, rows, columns, least, most, scratch + planesBytes);
    },
  };
}

/** Of a square of 6 × 6. */
const PLACES = 36;
/** 40: eight fives; 36 places × 40 filters × 32 tiles × 4 B = 184 kB stay in a second-level cache. */
const MOST_FILTERS = 40;
/** Tiles that are worked on together. */
const MOST_TILES = 48;
/** What may lie between the first step and the second: half a second-level cache. */
const SEEN_BYTES = 256 * 1024;

/** Gives each block of filters, for each place, their transformed weights, packed. */
function pack(to: Float32Array, w: Float32Array, channels: number, filters: number, block: number): void {
  const count = filters * channels;
  const places = new Float32Array(PLACES * count); // [36, filters, channels]
  for (let i = 0; i < count; i++) transform(w, 9 * i, places, i, count);
  let at = 0;
  for (let first = 0; first < filters; first += block) {
    const some = Math.min(block, filters - first);
    const size = some * channels;
    for (let place = 0; place < PLACES; place++) {
      const start = place * count + first * channels;
      packFilters(places.subarray(start, start + size), some, fivesOf(some), to.subarray(at, at + size));
      at += size;
    }
  }
}

/** G, one row a point: 0, 1, −1, 2, −2, ∞. */
// biome-ignore format: a matrix
const G = /* @__PURE__ */ Float64Array.of(
  1 / 4, 0, 0,
  -1 / 6, -1 / 6, -1 / 6,
  -1 / 6, 1 / 6, -1 / 6,
  1 / 24, 1 / 12, 1 / 6,
  1 / 24, -1 / 12, 1 / 6,
  0, 0, 1,
);

/** to[36 places, each `step` after the other] = G g Gᵀ of the 3 × 3 weights g from w[from] on. */
function transform(w: Float32Array, from: number, to: Float32Array, at: number, step: number): void {
  for (let i = 0; i < 6; i++) {
    const [g0, g1, g2] = [G[3 * i]!, G[3 * i + 1]!, G[3 * i + 2]!];
    const a = g0 * w[from]! + g1 * w[from + 3]! + g2 * w[from + 6]!;
    const b = g0 * w[from + 1]! + g1 * w[from + 4]! + g2 * w[from + 7]!;
    const c = g0 * w[from + 2]! + g1 * w[from + 5]! + g2 * w[from + 8]!;
    for (let j = 0; j < 6; j++) to[at + (6 * i + j) * step] = a * G[3 * j]! + b * G[3 * j + 1]! + c * G[3 * j + 2]!;
  }
}

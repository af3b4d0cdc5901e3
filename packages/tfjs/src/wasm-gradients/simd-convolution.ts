import type { TensorInfo } from '@tensorflow/tfjs-core';
import { fillStarts, fillTaps, frameBytes, frameOf, frameSizes } from './frame.ts';
import type { SimdCall } from './simd-call.ts';
import { convWindow, type Window } from './window.ts';

// Input channels up to which a convolution forward is ours. XNNPACK goes through a window pixel by pixel and through a
// pixel's channels in vectors, which one, three or four channels do not fill: 28 × 28 × 1 under 5 × 5 × 20 ran at 12 GFLOPS
// of 30. From there on it is as fast as we are.
const FEW_CHANNELS = 4;

/** y[p, k] = Σ_t x[starts[p] + taps[t]] · w[t, k]. */
export function conv2dOfFewChannels({ inputs, attributes, backend, memory }: SimdCall): TensorInfo | undefined {
  const { x, filter } = inputs as { x: TensorInfo; filter: TensorInfo };
  if (attributes.dataFormat !== 'NHWC' || x.shape[3]! > FEW_CHANNELS) return undefined;
  const window = convWindow(x.shape, filter.shape, attributes, 'Conv2D');
  const { functions, addressOf } = memory;
  const taps = window.rows * window.columns * window.inChannels;
  const filters = window.outChannels;
  const windows = window.outHeight * window.outWidth;
  const frame = frameOf(window);
  const output = backend.makeOutput([window.batch, window.outHeight, window.outWidth, filters], 'float32');
  const tables = [windows, taps, taps, filters].map((entries) => entries * 4);
  const needs = [functions.gemmScratchBytes(), ...tables, frameBytes(frame, window.batch)];
  memory.withScratch(needs, (scratch, starts, tapTable, filterRows, filterColumns, framed) => {
    const image = frame.sameAsImage ? addressOf(x) : framed!;
    if (!frame.sameAsImage) functions.padImages(addressOf(x), image, ...frameSizes(frame, window));
    fillTaps(memory, tapTable!, window, frame);
    fillStarts(memory, starts!, 1, window, frame);
    functions.fillGrid(filterRows!, 1, 1, taps, 0, 0, filters);
    functions.fillGrid(filterColumns!, 1, 1, filters, 0, 0, 1);
    for (let index = 0; index < window.batch; index++) {
      functions.gemm(
        ...([windows, filters, taps] as const),
        ...([image + index * frame.rows * frame.width * 4, starts!, tapTable!] as const),
        ...([addressOf(filter), filterRows!, filterColumns!] as const),
        ...([addressOf(output) + index * windows * filters * 4, filters, 0] as const),
        scratch!,
      );
    }
  });
  return output;
}

/**
 * dW[t, k] = Σ_p x[starts[p] + taps[t]] · dy[p, k]: the product of the transposed patches of x and dy.
 *
 * t runs over the R·S·C taps of a window, p over the windows of all images.
 */
export function conv2dFilterGradient({ inputs, attributes, backend, memory }: SimdCall): TensorInfo {
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const filterShape = attributes.filterShape as number[];
  const window = convWindow(x.shape, filterShape, attributes, 'Conv2DBackpropFilter');
  const output = backend.makeOutput(filterShape, 'float32');
  const { functions, addressOf } = memory;
  const taps = window.rows * window.columns * window.inChannels;
  const filters = window.outChannels;
  const windows = window.outHeight * window.outWidth;
  const images = imagesAtOnce(window);
  const frame = frameOf(window);
  const scratch = [taps, images * windows, filters].map((entries) => entries * 4);
  const needs = [functions.gemmScratchBytes(), ...scratch, images * windows * 4, frameBytes(frame, window.batch)];
  memory.withScratch(needs, (gemmScratch, tapTable, starts, dyColumns, dyRows, framed) => {
    const image = frame.sameAsImage ? addressOf(x) : framed!;
    if (!frame.sameAsImage) functions.padImages(addressOf(x), image, ...frameSizes(frame, window));
    fillTaps(memory, tapTable!, window, frame);
    fillStarts(memory, starts!, images, window, frame);
    functions.fillGrid(dyRows!, 1, 1, images * windows, 0, 0, filters);
    functions.fillGrid(dyColumns!, 1, 1, filters, 0, 0, 1);
    for (let first = 0; first < window.batch; first += images) {
      const count = Math.min(images, window.batch - first) * windows;
      const patches = image + first * frame.rows * frame.width * 4;
      const gradients = addressOf(dy) + first * windows * filters * 4;
      functions.gemm(
        ...([taps, filters, count] as const),
        ...([patches, tapTable!, starts!] as const),
        ...([gradients, dyRows!, dyColumns!] as const),
        ...([addressOf(output), filters, first > 0 ? 1 : 0] as const),
        gemmScratch!,
      );
    }
  });
  return output;
}

// Entries of a table of window starts: 65536 × 4 B = 256 kB. More would only evict what the product works on.
const TABLE = 65_536;

/** Images whose windows share a table. */
const imagesAtOnce = ({ batch, outHeight, outWidth }: Window) =>
  Math.min(batch, Math.max(1, Math.floor(TABLE / (outHeight * outWidth))));

// Floats of patches between the product and their way home into the image: 131072 × 4 B stay in a second-level cache; but
// at least as many patches at once as make up for arranging the filter anew every time.
const PATCHES = 131_072;
const FEWEST_PATCHES = 128;

/**
 * dx = the patches dy · Wᵀ, each added to the place it was taken from.
 *
 * Beside the convolution of dy with the turned filter this multiplies nothing by the zeros of margins and strides.
 */
export function conv2dInputGradient({ inputs, attributes, backend, memory }: SimdCall): TensorInfo {
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const inputShape = attributes.inputShape as number[];
  const window = convWindow(inputShape, filter.shape, attributes, 'Conv2DBackpropInput');
  const output = backend.makeOutput(inputShape, 'float32');
  const { functions, addressOf } = memory;
  const taps = window.rows * window.columns * window.inChannels;
  const filters = window.outChannels;
  const windows = window.outHeight * window.outWidth;
  const images = imagesAtOnce(window);
  const block = Math.min(images * windows, Math.max(FEWEST_PATCHES, Math.floor(PATCHES / taps)));
  const frame = frameOf(window);
  // A row of a window is one run of neighbours, unless dilation tears it into pixels.
  const torn = window.dilationWidth > 1;
  const runLength = torn ? window.inChannels : window.columns * window.inChannels;
  const runs = taps / runLength;
  const tables = [block, filters, filters, taps, images * windows, runs].map((entries) => entries * 4);
  const needs = [functions.gemmScratchBytes(), ...tables, taps * block * 4, frameBytes(frame, window.batch)];
  memory.withScratch(needs, (...scratch) => {
    const [gemmScratch, dyRows, dyColumns, filterRows, filterColumns, starts, offsets, patches, framed] =
      scratch as Nine;
    const image = frame.sameAsImage ? addressOf(output) : framed;
    functions.padImages(image, image, window.batch, 0, 0, frame.rows, frame.width, 0, 0); // zeros
    functions.fillGrid(dyRows, 1, 1, block, 0, 0, filters);
    functions.fillGrid(dyColumns, 1, 1, filters, 0, 0, 1);
    functions.fillGrid(filterRows, 1, 1, filters, 0, 0, 1);
    functions.fillGrid(filterColumns, 1, 1, taps, 0, 0, filters);
    fillStarts(memory, starts, images, window, frame);
    const tapRow = window.dilationHeight * frame.width;
    const tapColumn = window.dilationWidth * window.inChannels;
    functions.fillGrid(offsets, 1, window.rows, runs / window.rows, 0, tapRow, tapColumn);
    for (let firstImage = 0; firstImage < window.batch; firstImage += images) {
      const target = image + firstImage * frame.rows * frame.width * 4;
      const end = Math.min(images, window.batch - firstImage) * windows;
      for (let first = 0; first < end; first += block) {
        const count = Math.min(block, end - first);
        const gradients = addressOf(dy) + (firstImage * windows + first) * filters * 4;
        functions.gemm(
          ...([count, taps, filters] as const),
          ...([gradients, dyRows, dyColumns] as const),
          ...([addressOf(filter), filterRows, filterColumns] as const),
          ...([patches, taps, 0] as const),
          gemmScratch,
        );
        functions.addPatches(target, patches, count, starts + first * 4, offsets, runs, runLength);
      }
    }
    if (!frame.sameAsImage) functions.cropImages(image, addressOf(output), ...frameSizes(frame, window));
  });
  return output;
}

type Nine = [number, number, number, number, number, number, number, number, number];

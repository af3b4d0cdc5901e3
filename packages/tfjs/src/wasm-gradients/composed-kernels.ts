import {
  add,
  addN,
  cast,
  concat,
  conv2d,
  depthwiseConv2d,
  equal,
  type KernelFunc,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  mul,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  pad,
  reshape,
  reverse,
  slice,
  stack,
  stridedSlice,
  sum,
  type Tensor,
  type Tensor4D,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import { withExplicitMargins } from './same-padding.ts';
import { convWindow, poolWindow, type Window } from './window.ts';

/**
 * The training kernels made of operations that the stock wasm backend has: the plain twins of `simd-kernels.ts`.
 *
 * They serve where tfjs's memory cannot be reached (threads, no SIMD) and as an independent implementation in tests.
 * Operations called by a kernel are not recorded on the gradient tape.
 */
export function composedKernels(stock: (kernelName: string) => KernelFunc): Readonly<Record<string, KernelFunc>> {
  return {
    Conv2DBackpropFilter: composed(conv2dFilterGradient),
    Conv2DBackpropInput: composed(conv2dInputGradient),
    DepthwiseConv2dNativeBackpropFilter: composed(depthwiseFilterGradient),
    DepthwiseConv2dNativeBackpropInput: composed(depthwiseInputGradient),
    MaxPoolGrad: composed(maxPoolGradient),
    BatchMatMul: withoutTransposes(stock('BatchMatMul')),
    _FusedMatMul: withoutTransposes(stock('_FusedMatMul')),
    Conv2D: withExplicitMargins(stock('Conv2D'), false),
    FusedConv2D: withExplicitMargins(stock('FusedConv2D'), false),
    DepthwiseConv2dNative: withExplicitMargins(stock('DepthwiseConv2dNative'), true),
    FusedDepthwiseConv2D: withExplicitMargins(stock('FusedDepthwiseConv2D'), true),
  };
}

// The foreign border: tfjs hands a kernel its inputs as TensorInfo, but they are the Tensor objects themselves.
type Inputs = Readonly<Record<string, Tensor4D>>;
const composed =
  (gradient: (inputs: Inputs, attributes: NamedAttrMap) => Tensor): KernelFunc =>
  ({ inputs, attrs }) =>
    tidy(() => gradient(inputs as unknown as Inputs, attrs ?? {}));

/** Transposes an operand first where the stock kernel would walk it against the grain (10 to 27 times slower). */
function withoutTransposes(stockKernel: KernelFunc): KernelFunc {
  return (call) => {
    const attributes = call.attrs ?? {};
    if (!attributes.transposeA && !attributes.transposeB) return stockKernel(call);
    return tidy(() => {
      const { a, b, ...others } = call.inputs as unknown as Record<string, Tensor>;
      const inputs = {
        ...others,
        a: attributes.transposeA ? swapLastTwo(a!) : a!,
        b: attributes.transposeB ? swapLastTwo(b!) : b!,
      };
      const attrs = { ...attributes, transposeA: false, transposeB: false };
      return stockKernel({ ...call, inputs: inputs as unknown as NamedTensorInfoMap, attrs }) as Tensor;
    });
  };
}

function swapLastTwo(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  axes.push(...axes.splice(-2).reverse());
  return transpose(x, axes);
}

/**
 * dW[r, s, c, k] = Σ_{n, p, q} x[n, p·stride + r − top, q·stride + s − left, c] · dy[n, p, q, k].
 *
 * Read with the batch as the summed channel and c as the batch, that is itself a convolution: x as [C, H, W, N] with
 * the "filter" dy as [P, Q, N, K], whose taps lie `stride` apart, which is a dilation.
 */
function conv2dFilterGradient({ x, dy }: Inputs, attributes: NamedAttrMap): Tensor {
  const window = convWindow(x!.shape, attributes.filterShape as number[], attributes, 'Conv2DBackpropFilter');
  const image = transpose(padToWindow(x!, window), [3, 1, 2, 0]) as Tensor4D;
  const taps = transpose(dy!, [1, 2, 0, 3]) as Tensor4D;
  const gradient = conv2d(image, taps, 1, 'valid', 'NHWC', [window.strideHeight, window.strideWidth]);
  return transpose(gradient, [1, 2, 0, 3]); // [C, R, S, K] → [R, S, C, K]
}

/** dx is dy, spread apart by the stride, convolved with the filter turned by half a turn and C, K exchanged. */
function conv2dInputGradient({ dy, filter }: Inputs, attributes: NamedAttrMap): Tensor {
  const window = convWindow(attributes.inputShape as number[], filter!.shape, attributes, 'Conv2DBackpropInput');
  const turned = transpose(reverse(filter!, [0, 1]), [0, 1, 3, 2]) as Tensor4D;
  return conv2d(spreadAndPad(dy!, window), turned, 1, 'valid');
}

/** dW[r, s, c, m] = Σ_{n, p, q} x[n, p·stride + r − top, q·stride + s − left, c] · dy[n, p, q, c·M + m], one tap at a time. */
function depthwiseFilterGradient({ x, dy }: Inputs, attributes: NamedAttrMap): Tensor {
  const shape = attributes.filterShape as [number, number, number, number];
  const window = convWindow(x!.shape, shape, attributes, 'DepthwiseConv2dNativeBackpropFilter', true);
  const [channels, multiplier] = [shape[2], shape[3]];
  const padded = padToWindow(x!, window);
  const gradient = reshape(dy!, [-1, channels, multiplier]);
  const taps = tapsOf(window).map(([row, column]) => {
    const seen = reshape(seenThroughTap(padded, window, row, column), [-1, channels, 1]);
    return sum(mul(seen, gradient), 0);
  });
  return reshape(stack(taps), shape);
}

/** As for a whole convolution, with each channel by itself; the M filters of a channel take turns. */
function depthwiseInputGradient({ dy, filter }: Inputs, attributes: NamedAttrMap): Tensor {
  const inputShape = attributes.inputShape as number[];
  const window = convWindow(inputShape, filter!.shape, attributes, 'DepthwiseConv2dNativeBackpropInput', true);
  const [rows, columns, channels, multiplier] = filter!.shape;
  const spread = spreadAndPad(dy!, window);
  const [batch, height, width] = spread.shape;
  const byMultiplier = reshape(spread, [batch * height * width, channels, multiplier]);
  const turned = reverse(filter!, [0, 1]);
  const { dilationHeight, dilationWidth } = window;
  const shares = Array.from({ length: multiplier }, (_, m) => {
    const part = reshape(slice(byMultiplier, [0, 0, m], [-1, -1, 1]), [batch, height, width, channels]) as Tensor4D;
    const taps = slice(turned, [0, 0, 0, m], [rows, columns, channels, 1]) as Tensor4D;
    return depthwiseConv2d(part, taps, 1, 'valid', 'NHWC', [dilationHeight, dilationWidth]);
  });
  return addN(shares);
}

/**
 * Each dy goes to the first position of its window that holds the maximum, in row-major order, as on the cpu backend.
 *
 * The stock wasm kernel starts its search from 0 and so misses the maximum of a window that is all negative. Where a window
 * has no number above −∞ the choice is another than on cpu.
 */
function maxPoolGradient({ dy, input }: Inputs, attributes: NamedAttrMap): Tensor {
  const window = poolWindow(input!.shape, dy!.shape, attributes);
  const padded = padToWindow(input!, window, Number.NEGATIVE_INFINITY);
  const taps = tapsOf(window);
  const seen = taps.map(([row, column]) => seenThroughTap(padded, window, row, column));
  const highest = seen.reduce((a, b) => maximum(a, b));
  // dx with its margins: as much as the windows cover, and the rows and columns that no window reaches.
  const height = Math.max(padded.shape[1], window.top + window.inHeight);
  const width = Math.max(padded.shape[2], window.left + window.inWidth);
  let taken: Tensor | undefined;
  const shares = taps.map(([row, column], index) => {
    const hit = equal(seen[index]!, highest);
    const first = taken === undefined ? hit : logicalAnd(hit, logicalNot(taken));
    taken = taken === undefined ? hit : logicalOr(taken, hit);
    return placeAt(spreadByStride(mul(dy!, cast(first, 'float32')), window), row, column, height, width);
  });
  const total = shares.reduce((a, b) => add(a, b));
  return slice(total, [0, window.top, window.left, 0], input!.shape);
}

/** Zeros of the given size with `x` at a position. What sticks out is cut off: only the zeros after the last dy do. */
function placeAt(x: Tensor, row: number, column: number, height: number, width: number): Tensor {
  const below = Math.max(0, height - row - x.shape[1]!);
  const right = Math.max(0, width - column - x.shape[2]!);
  const placed = pad(x, [
    [0, 0],
    [row, below],
    [column, right],
    [0, 0],
  ]);
  return slice(placed, [0, 0, 0, 0], [x.shape[0]!, height, width, x.shape[3]!]);
}

/** Every (row, column) offset of a window, row-major, in pixels of the padded image. */
function tapsOf({ rows, columns, dilationHeight, dilationWidth }: Window): [number, number][] {
  return Array.from({ length: rows * columns }, (_, tap) => [
    Math.floor(tap / columns) * dilationHeight,
    (tap % columns) * dilationWidth,
  ]);
}

/** The pixels that one tap sees while the window moves: [N, P, Q, C]. */
function seenThroughTap(padded: Tensor4D, window: Window, row: number, column: number): Tensor {
  const { outHeight, outWidth, strideHeight, strideWidth } = window;
  const height = (outHeight - 1) * strideHeight + 1;
  const width = (outWidth - 1) * strideWidth + 1;
  const [batch, , , channels] = padded.shape;
  const begin = [0, row, column, 0];
  if (strideHeight === 1 && strideWidth === 1) return slice(padded, begin, [batch, height, width, channels]);
  return stridedSlice(
    padded,
    begin,
    [batch, row + height, column + width, channels],
    [1, strideHeight, strideWidth, 1],
  );
}

/** Pads, or crops where no window reaches, to exactly what the windows cover. */
function padToWindow(x: Tensor4D, window: Window, value = 0): Tensor4D {
  const { top, left, outHeight, outWidth, strideHeight, strideWidth, spanHeight, spanWidth } = window;
  const [batch, height, width, channels] = x.shape;
  const coveredHeight = (outHeight - 1) * strideHeight + spanHeight;
  const coveredWidth = (outWidth - 1) * strideWidth + spanWidth;
  const below = Math.max(0, coveredHeight - top - height);
  const right = Math.max(0, coveredWidth - left - width);
  const padded = pad(
    x,
    [
      [0, 0],
      [top, below],
      [left, right],
      [0, 0],
    ],
    value,
  );
  return slice(padded, [0, 0, 0, 0], [batch, coveredHeight, coveredWidth, channels]);
}

/** dy with stride − 1 zeros between neighbours, and margins such that a turned window gives dx of the input's size. */
function spreadAndPad(dy: Tensor4D, window: Window): Tensor4D {
  const { top, left, inHeight, inWidth, spanHeight, spanWidth } = window;
  const spread = spreadByStride(dy, window);
  // Row h of dx needs the rows h + top − (spanHeight − 1) … h + top of the spread dy.
  const above = spanHeight - 1 - top;
  const before = spanWidth - 1 - left;
  const [batch, height, width, channels] = spread.shape;
  const neededHeight = inHeight + spanHeight - 1;
  const neededWidth = inWidth + spanWidth - 1;
  const padded = pad(spread, [
    [0, 0],
    [Math.max(0, above), Math.max(0, neededHeight - above - height)],
    [Math.max(0, before), Math.max(0, neededWidth - before - width)],
    [0, 0],
  ]);
  const begin = [0, Math.max(0, -above), Math.max(0, -before), 0];
  return slice(padded, begin, [batch, neededHeight, neededWidth, channels]) as Tensor4D;
}

/** Puts stride − 1 zeros after every row and column: [N, P, Q, C] → [N, P·stride, Q·stride, C]. */
function spreadByStride(dy: Tensor, { strideHeight, strideWidth }: Window): Tensor4D {
  const [batch, height, width, channels] = dy.shape as [number, number, number, number];
  let spread: Tensor = dy;
  if (strideWidth > 1) spread = concat([dy, zeros([batch, height, width, (strideWidth - 1) * channels])], 3);
  const rowLength = width * strideWidth * channels;
  spread = reshape(spread, [batch, height, rowLength]);
  if (strideHeight > 1) spread = concat([spread, zeros([batch, height, (strideHeight - 1) * rowLength])], 2);
  return reshape(spread, [batch, height * strideHeight, width * strideWidth, channels]);
}

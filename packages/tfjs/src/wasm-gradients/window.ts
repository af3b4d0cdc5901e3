import { backend_util, type NamedAttrMap } from '@tensorflow/tfjs-core';

/** How a convolution's or a pool's window moves over an image [N, H, W, C]. Sizes and steps in pixels. */
export interface Window {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  /** Taps in a window. */
  readonly rows: number;
  readonly columns: number;
  /** Pixels from the first to the last tap, both included: (rows − 1) · dilation + 1. */
  readonly spanHeight: number;
  readonly spanWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  /** Padding before the first row and column. */
  readonly top: number;
  readonly left: number;
}

type Conv2DInfo = ReturnType<typeof backend_util.computeConv2DInfo>;

/**
 * The window of a convolution with an NHWC image and a filter [R, S, C, K] (depthwise: [R, S, C, M]).
 *
 * @throws RangeError if the data format is not NHWC, the only one of the wasm backend
 */
export function convWindow(
  imageShape: readonly number[],
  filterShape: readonly number[],
  attributes: NamedAttrMap,
  kernelName: string,
  depthwise = false,
): Window {
  const { strides, dilations, pad, dimRoundingMode, dataFormat } = attributes as ConvAttributes;
  if (dataFormat !== undefined && dataFormat !== 'NHWC') {
    throw new RangeError(`${kernelName}: "dataFormat" expected NHWC on the wasm backend, got ${dataFormat}`);
  }
  return toWindow(
    backend_util.computeConv2DInfo(
      imageShape as Shape4D,
      filterShape as Shape4D,
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      depthwise,
    ),
  );
}

/**
 * The window of a max-pool.
 *
 * tfjs forgets the rounding mode on the way to a pool's gradient, so the number of windows is read off dy [N, P, Q, C].
 */
export function poolWindow(
  imageShape: readonly number[],
  dyShape: readonly number[],
  attributes: NamedAttrMap,
): Window {
  const { filterSize, strides, pad, dimRoundingMode } = attributes as ConvAttributes;
  const info = backend_util.computePool2DInfo(imageShape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
  return { ...toWindow(info), outHeight: dyShape[1]!, outWidth: dyShape[2]! };
}

export type Shape4D = [number, number, number, number];
type Pair = number | [number, number];
export interface ConvAttributes extends NamedAttrMap {
  readonly filterSize: Pair;
  readonly strides: Pair;
  readonly dilations?: Pair;
  readonly pad: Parameters<typeof backend_util.computeConv2DInfo>[4];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: string;
}

const toWindow = (info: Conv2DInfo): Window => ({
  batch: info.batchSize,
  inHeight: info.inHeight,
  inWidth: info.inWidth,
  inChannels: info.inChannels,
  outHeight: info.outHeight,
  outWidth: info.outWidth,
  outChannels: info.outChannels,
  rows: info.filterHeight,
  columns: info.filterWidth,
  spanHeight: info.effectiveFilterHeight,
  spanWidth: info.effectiveFilterWidth,
  strideHeight: info.strideHeight,
  strideWidth: info.strideWidth,
  dilationHeight: info.dilationHeight,
  dilationWidth: info.dilationWidth,
  top: info.padInfo.top,
  left: info.padInfo.left,
});

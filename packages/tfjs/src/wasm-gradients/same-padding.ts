import { backend_util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import type { ConvAttributes, Shape4D } from './window.ts';

/**
 * Repairs a stock convolution: with padding `'same'` and a stride beyond the filter, wasm 4.22.0 leaves its output zero.
 *
 * XNNPACK works margins out by itself for `'same'` and refuses where windows skip pixels, 1 × 1 filters apart. The same
 * margins given as numbers are accepted.
 */
export const withExplicitMargins =
  (stockKernel: KernelFunc, depthwise: boolean): KernelFunc =>
  (call) => {
    const attributes = call.attrs as ConvAttributes;
    const { x, filter } = call.inputs as { x: TensorInfo; filter: TensorInfo };
    if (attributes.pad !== 'same' || !skipsPixels(x, filter, attributes)) return stockKernel(call);
    const [image, taps] = [x.shape as Shape4D, filter.shape as Shape4D];
    const { strides, dilations = 1, dimRoundingMode } = attributes;
    const { padInfo } = backend_util.computeConv2DInfo(
      image,
      taps,
      strides,
      dilations,
      'same',
      dimRoundingMode,
      depthwise,
    );
    const { top, bottom, left, right } = padInfo;
    return stockKernel({
      ...call,
      attrs: {
        ...attributes,
        pad: [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ],
      },
    });
  };

function skipsPixels(x: TensorInfo, filter: TensorInfo, { strides, dataFormat }: ConvAttributes): boolean {
  if (dataFormat !== undefined && dataFormat !== 'NHWC') return false; // which the stock kernel refuses in its own words
  const [down, right] = typeof strides === 'number' ? [strides, strides] : strides;
  return x.shape.length === 4 && (down > filter.shape[0]! || right > filter.shape[1]!);
}

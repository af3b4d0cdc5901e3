import { type Conv2dShape, sparseConv2d, toCsr } from '@pare/sparse-kernels';
import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { BEYOND, type SparseCall, type SparseLayer } from './sparse-call.ts';

/**
 * Prepares a convolution: images go from tfjs's pixels of channels to planes and back, in its memory.
 *
 * @returns undefined for what the sparse kernel does not do
 */
export function sparseConvolution(call: SparseCall): SparseLayer | undefined {
  const { inputs, attributes, bounds, memory } = call;
  const { x, filter, bias } = inputs as { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo };
  const { strides, pad, dilations, dataFormat, dimRoundingMode } = attributes as unknown as ConvAttributes;
  if (dataFormat !== undefined && dataFormat !== 'NHWC') return undefined;
  const info = backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filter.shape as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
  );
  const { batchSize, inChannels, outChannels, inHeight, inWidth, outHeight, outWidth, padInfo } = info;
  if (filter.shape[2] !== inChannels) return undefined; // groups, which tfjs's own kernel does not have either
  if (bias && util.sizeFromShape([...bias.shape]) !== outChannels) return undefined; // one number for all, which tfjs-wasm refuses
  const shape: Conv2dShape = {
    channels: inChannels,
    height: inHeight,
    width: inWidth,
    filters: outChannels,
    kernelSize: [info.filterHeight, info.filterWidth],
    stride: [info.strideHeight, info.strideWidth],
    padding: [padInfo.top, padInfo.bottom, padInfo.left, padInfo.right],
    dilation: [info.dilationHeight, info.dilationWidth],
  };
  const depth = inChannels * info.filterHeight * info.filterWidth;
  const values = outputMajor(memory.viewOf(filter), filter.shape);
  const csr = toCsr({ kind: 'dense', values }, outChannels, depth);
  const layer = sparseConv2d(memory.kernels, shape, csr, bias && memory.viewOf(bias).slice(), bounds);

  const pixels = inHeight * inWidth;
  const outPixels = outHeight * outWidth;
  return {
    kernel: 'sparse-conv2d',
    run({ inputs: { x: image }, memory: { functions, addressOf, backend, withScratch } }) {
      const planes = 4 * pixels * inChannels + BEYOND;
      const made = 4 * outPixels * outChannels + BEYOND;
      return withScratch([planes, made, layer.scratchBytes + BEYOND], (before, after, scratch) => {
        const output = backend.makeOutput(info.outShape, 'float32');
        for (let n = 0; n < batchSize; n++) {
          const from = addressOf(image!) + 4 * n * pixels * inChannels;
          const to = addressOf(output) + 4 * n * outPixels * outChannels;
          functions.transpose(from, pixels, inChannels, before!, pixels);
          layer.run(before!, after!, scratch!);
          functions.transpose(after!, outChannels, outPixels, to, outChannels);
        }
        return output;
      });
    },
  };
}

/** `[R, S, C, K]` as `[K, C, R, S]`. */
function outputMajor(values: Float32Array, [R, S, C, K]: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0, at = 0; i < R! * S!; i++) {
    for (let c = 0; c < C!; c++) for (let k = 0; k < K!; k++, at++) out[(k * C! + c) * R! * S! + i] = values[at]!;
  }
  return out;
}

type Shape4D = [number, number, number, number];
type Info = Parameters<typeof backend_util.computeConv2DInfo>;
interface ConvAttributes {
  readonly strides: Info[2];
  readonly dilations?: Info[3];
  readonly pad: Info[4];
  readonly dimRoundingMode?: Info[5];
  readonly dataFormat?: string;
}

import { backend_util, type KernelFunc, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../wasm-memory.ts';
import type { SimdCall, SimdKernel } from './simd-call.ts';
import { conv2dFilterGradient, conv2dInputGradient, conv2dOfFewChannels } from './simd-convolution.ts';
import { depthwiseFilterGradient, depthwiseInputGradient } from './simd-depthwise.ts';
import { fusedProduct, product } from './simd-product.ts';
import { tensorMemoryOf } from './tensor-memory.ts';
import { poolWindow } from './window.ts';

/**
 * The training kernels on tfjs's own memory, compiled from `assembly/*.ts`.
 *
 * Differs from `composedKernels` in that nothing is copied into an arrangement that a stock operation wants: products read
 * their operands through offset tables, see `assembly/gemm.ts`. Each falls back to `otherwise` for what it does
 * not handle, and where the memory cannot be reached.
 */
export function simdKernels(otherwise: (kernelName: string) => KernelFunc): Readonly<Record<string, KernelFunc>> {
  const kernels: Record<string, SimdKernel> = {
    Conv2DBackpropFilter: conv2dFilterGradient,
    Conv2DBackpropInput: conv2dInputGradient,
    DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
    DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
    MaxPoolGrad: maxPoolGradient,
    BatchMatMul: product,
    _FusedMatMul: fusedProduct,
    Conv2D: conv2dOfFewChannels,
    Sum: sumOfLeadingAxes,
    SplitV: splitChannels,
  };
  return Object.fromEntries(Object.entries(kernels).map(([name, kernel]) => [name, onMemory(kernel, otherwise(name))]));
}

function onMemory(kernel: SimdKernel, otherwise: KernelFunc): KernelFunc {
  return (call) => {
    const memory = tensorMemoryOf(call.backend);
    const inputs = call.inputs as Readonly<Record<string, TensorInfo>>; // optional inputs apart, none is undefined
    if (memory === undefined || Object.values(inputs).some(unfit)) return otherwise(call);
    const backend = call.backend as WasmBackend; // the foreign border: checked by tensorMemoryOf
    return kernel({ inputs, attributes: call.attrs ?? {}, backend, memory }) ?? otherwise(call);
  };
}

const unfit = (input: TensorInfo | undefined) =>
  input !== undefined && (input.dtype !== 'float32' || input.shape.includes(0));

/** Sends each dy to the first maximum of its window, see `assembly/max-pool.ts`. */
function maxPoolGradient({ inputs, attributes, backend, memory }: SimdCall): TensorInfo {
  const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
  const window = poolWindow(input.shape, dy.shape, attributes);
  const output = backend.makeOutput(input.shape, 'float32');
  const { addressOf } = memory;
  memory.functions.maxPoolGradient(
    ...([addressOf(input), addressOf(dy), addressOf(output)] as const),
    ...([window.batch, window.inHeight, window.inWidth, window.inChannels, window.outHeight, window.outWidth] as const),
    ...([window.rows, window.columns, window.strideHeight, window.strideWidth, window.top, window.left] as const),
  );
  return output;
}

/** Cuts the last axis into parts, the gradient of a join: the stock kernel copies all of its input out once for each part. */
function splitChannels({ inputs, attributes, backend, memory }: SimdCall): TensorInfo[] | undefined {
  const { x } = inputs as { x: TensorInfo };
  const { numOrSizeSplits, axis } = attributes as { numOrSizeSplits: number | number[]; axis: number };
  const last = x.shape.length - 1;
  if (util.parseAxisParam(axis, x.shape)[0] !== last) return undefined;
  const channels = x.shape[last]!;
  const rows = util.sizeFromShape(x.shape) / channels;
  let left = 0;
  return backend_util.prepareSplitSize(x as Tensor, numOrSizeSplits, last).map((width) => {
    const part = backend.makeOutput([...x.shape.slice(0, last), width], 'float32');
    const { addressOf, functions } = memory;
    functions.cropImages(addressOf(x), addressOf(part), 1, rows, width, rows, channels, 0, left);
    left += width;
    return part;
  });
}

/** Takes sums over axes 0…j, as in the gradient of a bias: there the stock kernel transposes its input first. */
function sumOfLeadingAxes({ inputs, attributes, backend, memory }: SimdCall): TensorInfo | undefined {
  const { x } = inputs as { x: TensorInfo };
  const { axis, keepDims } = attributes as { axis: number | number[]; keepDims: boolean };
  const axes = util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  if (axes.length === 0 || axes.length === x.shape.length || axes.some((at, index) => at !== index)) return undefined;
  const rest = x.shape.slice(axes.length);
  const output = backend.makeOutput(keepDims ? [...axes.map(() => 1), ...rest] : rest, 'float32');
  const columns = util.sizeFromShape(rest);
  const rows = util.sizeFromShape(x.shape) / columns;
  memory.functions.columnSums(memory.addressOf(x), memory.addressOf(output), rows, columns);
  return output;
}

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { fillPixels, fillStarts, frameBytes, frameOf, frameSizes } from './frame.ts';
import type { SimdCall } from './simd-call.ts';
import { convWindow } from './window.ts';

/** dw[t, c, m] = Σ_p x[starts[p] + taps[t] + c] · dy[p, c·M + m]. */
export function depthwiseFilterGradient({ inputs, attributes, backend, memory }: SimdCall): TensorInfo {
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const filterShape = attributes.filterShape as number[];
  const window = convWindow(x.shape, filterShape, attributes, 'DepthwiseConv2dNativeBackpropFilter', true);
  const output = backend.makeOutput(filterShape, 'float32');
  const { functions, addressOf } = memory;
  const frame = frameOf(window);
  const windows = window.batch * window.outHeight * window.outWidth;
  const pixels = window.rows * window.columns;
  memory.withScratch([pixels * 4, windows * 4, frameBytes(frame, window.batch)], (tapTable, starts, framed) => {
    const image = frame.sameAsImage ? addressOf(x) : framed!;
    if (!frame.sameAsImage) functions.padImages(addressOf(x), image, ...frameSizes(frame, window));
    fillPixels(memory, tapTable!, window, frame);
    fillStarts(memory, starts!, window.batch, window, frame);
    functions.depthwiseFilterGradient(
      ...([image, addressOf(dy), addressOf(output)] as const),
      ...([windows, window.outWidth, starts!, tapTable!, pixels] as const),
      ...([window.inChannels, filterShape[3]!] as const),
    );
  });
  return output;
}

/** dx[starts[p] + taps[t] + c] += Σ_m dy[p, c·M + m] · w[t, c, m]. */
export function depthwiseInputGradient({ inputs, attributes, backend, memory }: SimdCall): TensorInfo {
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const inputShape = attributes.inputShape as number[];
  const window = convWindow(inputShape, filter.shape, attributes, 'DepthwiseConv2dNativeBackpropInput', true);
  const output = backend.makeOutput(inputShape, 'float32');
  const { functions, addressOf } = memory;
  const frame = frameOf(window);
  const windows = window.batch * window.outHeight * window.outWidth;
  const pixels = window.rows * window.columns;
  memory.withScratch([pixels * 4, windows * 4, frameBytes(frame, window.batch)], (tapTable, starts, framed) => {
    const image = frame.sameAsImage ? addressOf(output) : framed!;
    functions.padImages(image, image, window.batch, 0, 0, frame.rows, frame.width, 0, 0); // zeros
    fillPixels(memory, tapTable!, window, frame);
    fillStarts(memory, starts!, window.batch, window, frame);
    functions.depthwiseInputGradient(
      ...([addressOf(dy), addressOf(filter), image] as const),
      ...([windows, window.outWidth, starts!, tapTable!, pixels] as const),
      ...([window.inChannels, filter.shape[3]!] as const),
    );
    if (!frame.sameAsImage) functions.cropImages(image, addressOf(output), ...frameSizes(frame, window));
  });
  return output;
}

import { elementCount, type InputLayer } from '@pare/core';
import { preprocessImage } from '@pare/images';
import { NetworkError } from './network-error.ts';

/** A picture as a canvas gives it: RGBA, 8 bits each. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}

/**
 * Makes what a caller gives the numbers that a network takes.
 *
 * @param input - numbers in the order of the layer's shape, or a picture, which the layer's own preprocessing makes numbers
 * @throws TypeError if it is neither; RangeError if there are too few or too many; NetworkError `'not-finite'` if one is NaN or
 *   infinite
 * @example
 * const layer = { kind: 'input', name: 'data', inputs: [], outputShape: [3, 1, 1], preprocess: { scale: 1 / 255 } };
 * networkInput(layer, { width: 1, height: 1, data: Uint8Array.of(255, 0, 51, 255) }) // Float32Array [1, 0, 0.20000000298023224]
 * networkInput(layer, Float32Array.of(1, NaN, 2)) // throws NetworkError: layer "data": "input" expected finite numbers, got NaN at index 1
 */
export function networkInput(layer: InputLayer, input: Float32Array | Pixels): Float32Array {
  if (!(input instanceof Float32Array) && !ArrayBuffer.isView(input?.data)) {
    throw new TypeError('run: "input" expected a Float32Array, or pixels { width, height, data: Uint8ClampedArray }');
  }
  const numbers = input instanceof Float32Array ? input : fromPixels(layer, input);
  const count = elementCount(layer.outputShape);
  if (numbers.length !== count) {
    throw new RangeError(
      `run: "input" expected ${count} numbers for [${layer.outputShape.join(', ')}], or a picture, got ${numbers.length}`,
    );
  }
  checkFinite(numbers, layer.name, '"input"');
  return numbers;
}

/** Checks that no number is NaN or infinite. */
export function checkFinite(numbers: Float32Array, layer: string, what: string): void {
  let sum = 0; // 0 · x is NaN where x is not finite
  for (let i = 0; i < numbers.length; i++) sum += 0 * numbers[i]!;
  if (sum === 0) return;
  const index = numbers.findIndex((value) => !Number.isFinite(value));
  throw new NetworkError(
    'not-finite',
    layer,
    `${what} expected finite numbers, got ${numbers[index]} at index ${index}`,
  );
}

function fromPixels({ preprocess = {}, outputShape }: InputLayer, { width, height, data }: Pixels): Float32Array {
  if (data.byteLength !== 4 * width * height) {
    throw new RangeError(
      `run: "data" expected ${4 * width * height} bytes, RGBA of ${width} × ${height}, got ${data.byteLength}`,
    );
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return preprocessImage({ width, height, channels: 4, data: bytes }, preprocess, outputShape);
}

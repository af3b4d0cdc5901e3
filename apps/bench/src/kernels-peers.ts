import * as tf from '@tensorflow/tfjs-core';
import { matMulInt4Model, matMulModel, type OnnxLayer } from './kernels-onnx.ts';
import type { Side } from './measure.ts';

/** A peer, ready to run. */
export interface Peer {
  readonly name: string;
  readonly side: Side;
  /** Gives back its memory. */
  readonly end: () => void;
}

/** tfjs's matrix product on wasm. @param x - [batch, columns] */
export function tfjsProduct({ rows, columns, values }: OnnxLayer, x: Float32Array): Peer {
  const turned = tf.tidy(() => tf.transpose(tf.tensor2d(values, [rows, columns]))) as tf.Tensor2D;
  const input = tf.tensor2d(x, [x.length / columns, columns]);
  return {
    name: 'tfjs-backend-wasm 4.22.0, matMul, one thread',
    side: { run: () => tf.matMul(input, turned).dispose() },
    end: () => tf.dispose([turned, input]),
  };
}

/** tfjs's convolution on wasm, with bias and ReLU. @param w - [filters, channels, size, size] */
export function tfjsConvolution(
  { channels, extent, filters, size }: { channels: number; extent: number; filters: number; size: number },
  w: Float32Array,
  bias: Float32Array,
  x: Float32Array,
): Peer {
  const filter = tf.tidy(() =>
    tf.transpose(tf.tensor4d(w, [filters, channels, size, size]), [2, 3, 1, 0]),
  ) as tf.Tensor4D;
  const input = tf.tidy(() => tf.transpose(tf.tensor4d(x, [1, channels, extent, extent]), [0, 2, 3, 1])) as tf.Tensor4D;
  const biases = tf.tensor1d(bias);
  const run = () => {
    tf.fused.conv2d({ x: input, filter, strides: 1, pad: 'same', bias: biases, activation: 'relu' }).dispose();
  };
  return {
    name: 'tfjs-backend-wasm 4.22.0, fused.conv2d on NHWC, one thread',
    side: { run },
    end: () => tf.dispose([filter, input, biases]),
  };
}

/** Kinds of weights in onnxruntime. */
const MODELS = {
  float32: ['MatMul of float32', matMulModel],
  int4: ['MatMulNBits of int4, computing in int8', matMulInt4Model],
} as const;

/**
 * onnxruntime on one thread, native or in wasm. Its `run` goes through the event loop, which takes microseconds.
 *
 * @returns undefined where it is not installed, or not for this machine
 */
export async function onnxProduct(
  where: 'node' | 'web',
  weights: keyof typeof MODELS,
  layer: OnnxLayer,
  x: Float32Array,
): Promise<Peer | undefined> {
  const ort = await loadOnnxruntime(where);
  if (!ort) return undefined;
  const [what, write] = MODELS[weights];
  const session = await ort.InferenceSession.create(write(layer), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feeds = { x: new ort.Tensor('float32', x, [1, layer.columns]) };
  return {
    name: `onnxruntime-${where} 1.30.0 (${where === 'node' ? 'native' : 'wasm'}), ${what}, one thread`,
    side: {
      async run() {
        await session.run(feeds);
      },
    },
    end: () => void session.release(),
  };
}

/** What both packages have in common. */
export type Ort = typeof import('onnxruntime-node');

export async function loadOnnxruntime(where: 'node' | 'web'): Promise<Ort | undefined> {
  try {
    if (where === 'node') return (await import('onnxruntime-node')) as Ort;
    const web = await import('onnxruntime-web');
    web.env.wasm.numThreads = 1;
    return web as unknown as Ort; // the two packages share their interface, onnxruntime-common
  } catch (error) {
    console.error(`onnxruntime-${where} is absent: ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  }
}

import { elementCount, type Layer, type Model } from '@pare/core';
import { exporters } from '@pare/interop';
import { sparsify } from '@pare/tfjs/sparse';
import * as tf from '@tensorflow/tfjs-core';
import { loadOnnxruntime, type Peer } from './kernels-peers.ts';
import { denseModel } from './network-models.ts';

/** A peer with what it answers. */
export interface NetworkPeer extends Peer {
  /** Its output, to be compared with ours. */
  readonly output: Float32Array;
}

/**
 * tfjs on wasm at its best: convolution, bias and ReLU in one operation, numbers in the order that it likes; the image is handed over
 * in each run and the answer read. Networks of SqueezeNet's layers only.
 *
 * @param isSparse - with our sparse kernels where they are faster
 */
export function tfjsNetwork(model: Model, input: Float32Array, isSparse = false): NetworkPeer {
  const { layers, weights } = denseModel(model);
  const tensors = new Map(
    weights.map(({ name, shape, form }) => [
      name,
      tf.tidy(() => {
        const given = tf.tensor(form.values, [...shape]);
        return shape.length === 4 ? tf.transpose(given, [2, 3, 1, 0]) : given;
      }),
    ]),
  );
  const shape = layers[0]!.outputShape;
  const run = (): Float32Array =>
    tf.tidy(() => {
      const outputs = new Map<string, tf.Tensor>();
      for (const layer of layers) {
        const inputs = layer.inputs.map((name) => outputs.get(name)!);
        const given = () => tf.transpose(tf.tensor(input, [1, ...shape]), [0, 2, 3, 1]);
        outputs.set(layer.name, layer.kind === 'input' ? given() : operate(layer, inputs, tensors));
      }
      return outputs.get(layers.at(-1)!.name)!.dataSync<'float32'>();
    });
  const sparsified = isSparse
    ? sparsify({ weights: Object.fromEntries([...tensors].map(([k, t]) => [k, [t]])) })
    : undefined;
  return {
    name: 'tfjs-backend-wasm 4.22.0, fused.conv2d on NHWC, all weights dense, one thread',
    output: run().slice(),
    side: { run },
    end() {
      sparsified?.dispose();
      tf.dispose([...tensors.values()]);
    },
  };
}

function operate(
  layer: Layer,
  [x, ...others]: readonly tf.Tensor[],
  weights: ReadonlyMap<string, tf.Tensor>,
): tf.Tensor {
  switch (layer.kind) {
    case 'conv2d': {
      const bias = layer.bias === undefined ? {} : { bias: weights.get(layer.bias)! };
      // In SqueezeNet a ReLU follows each convolution.
      const options = {
        strides: [...layer.stride] as [number, number],
        pad: explicit(layer.padding),
        activation: 'relu',
      } as const;
      return tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: weights.get(layer.kernel) as tf.Tensor4D,
        ...bias,
        ...options,
      });
    }
    case 'pool': {
      if (layer.mode === 'average') return tf.mean(x!, [1, 2]);
      const beyond = ([0, 1] as const).map(
        (axis) => (layer.outputShape[axis + 1]! - 1) * layer.stride[axis] + layer.size[axis] - x!.shape[axis + 1]!,
      );
      const padding = [0, Math.max(0, beyond[0]!), 0, Math.max(0, beyond[1]!)] as const;
      return tf.maxPool(x as tf.Tensor4D, [...layer.size], [...layer.stride], explicit(padding));
    }
    case 'concat':
      return tf.concat([x!, ...others], 3);
    case 'relu':
    case 'flatten':
      return x!;
    default:
      throw new RangeError(
        `tfjsNetwork: layer "${layer.name}" expected to be one of SqueezeNet's, got "${layer.kind}"`,
      );
  }
}

const explicit = ([top, bottom, left, right]: readonly [number, number, number, number]) =>
  top || bottom || left || right
    ? ([
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ] as tf.backend_util.ExplicitPadding)
    : 'valid';

/** onnxruntime on one thread; undefined where it is not installed. */
export async function onnxNetwork(
  where: 'node' | 'web',
  model: Model,
  input: Float32Array,
): Promise<NetworkPeer | undefined> {
  const ort = await loadOnnxruntime(where);
  if (!ort) return undefined;
  const onnx = exporters.find(({ id }) => id === 'onnx')!;
  const { files } = await onnx.write(denseModel(model), 'network');
  const session = await ort.InferenceSession.create(files.get('network.onnx')!, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const [from, to] = [session.inputNames[0]!, session.outputNames[0]!];
  const feeds = { [from]: new ort.Tensor('float32', input, [1, ...model.layers[0]!.outputShape]) };
  const run = async (): Promise<Float32Array> => (await session.run(feeds))[to]!.data as Float32Array;
  const output = (await run()).slice();
  if (output.length !== elementCount(model.layers.at(-1)!.outputShape))
    throw new Error('bug: onnxNetwork: another output');
  return {
    name: `onnxruntime-${where} 1.30.0 (${where === 'node' ? 'native' : 'wasm'}), float32, all weights dense, one thread`,
    output,
    side: { run },
    end: () => void session.release(),
  };
}

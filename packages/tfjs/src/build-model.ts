import { type Layer, type Model, type Parametrization, parametrizationOf, type Shape, weightOf } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { builtinForms } from './forms.ts';
import { denseToTfjs, kernelToTfjs } from './layouts.ts';

/**
 * Builds the tf.LayersModel that a model describes, with its weights in tfjs's layouts.
 *
 * It takes `[N, H, W, C]` (or `[N, C]`) that is already preprocessed; layers keep their names.
 *
 * @param parametrizations - for forms beyond dense, masked and shared
 * @throws RangeError if tfjs's layers cannot express a layer (groups, pools rounded up to partial windows), naming it
 * @example
 * // buildLayersModel(decodeModel(bytes)).predict(x)
 */
export function buildLayersModel(model: Model, parametrizations: readonly Parametrization[] = []): tfl.LayersModel {
  const forms = [...builtinForms, ...parametrizations];
  const values = (name: string): Float32Array => {
    const { form } = weightOf(model, name);
    return parametrizationOf(form, forms).toDense(form);
  };
  const shapes = new Map<string, Shape>();
  const symbols = new Map<string, tfl.SymbolicTensor>();
  const pending: [tfl.layers.Layer, () => tf.Tensor[]][] = [];
  let input: tfl.SymbolicTensor | undefined;
  let output: tfl.SymbolicTensor | undefined;
  for (const layer of model.layers) {
    const from = layer.inputs[0];
    shapes.set(layer.name, layer.outputShape);
    if (layer.kind === 'input') {
      output = tfl.input({ shape: channelsLast(layer.outputShape), name: layer.name });
      input ??= output;
    } else {
      const x = from === undefined ? undefined : symbols.get(from);
      if (!x)
        throw new RangeError(`buildLayersModel: layer "${layer.name}" takes "${from}", which no layer before it makes`);
      output = attach(layer, x, shapes.get(from!)!, values, pending);
    }
    symbols.set(layer.name, output);
  }
  if (!input || !output) throw new RangeError('buildLayersModel: "model" expected an input layer and one after it');
  const built = tfl.model({ inputs: input, outputs: output, ...(model.name !== undefined && { name: model.name }) });
  for (const [layer, make] of pending) {
    const tensors = make();
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
  return built;
}

const channelsLast = (shape: Shape): number[] => (shape.length === 3 ? [shape[1]!, shape[2]!, shape[0]!] : [...shape]);

function attach(
  layer: Exclude<Layer, { kind: 'input' }>,
  x: tfl.SymbolicTensor,
  inputShape: Shape,
  values: (name: string) => Float32Array,
  pending: [tfl.layers.Layer, () => tf.Tensor[]][],
): tfl.SymbolicTensor {
  const { name } = layer;
  const on = (made: tfl.layers.Layer, to: tfl.SymbolicTensor = x): tfl.SymbolicTensor =>
    made.apply(to) as tfl.SymbolicTensor;
  const bias = (key: string | undefined): tf.Tensor[] => (key === undefined ? [] : [tf.tensor1d(values(key))]);
  switch (layer.kind) {
    case 'conv2d': {
      if (layer.groups !== 1)
        throw new RangeError(`buildLayersModel: tfjs's conv2d has no groups, "${name}" has ${layer.groups}`);
      const made = tfl.layers.conv2d({
        name,
        filters: layer.filters,
        kernelSize: [...layer.kernelSize],
        strides: [...layer.stride],
        padding: 'valid',
        useBias: layer.bias !== undefined,
      });
      const [r, s] = layer.kernelSize;
      const c = inputShape[0]!;
      pending.push([
        made,
        () => [
          tf.tensor4d(kernelToTfjs(values(layer.kernel), [layer.filters, c, r, s]), [r, s, c, layer.filters]),
          ...bias(layer.bias),
        ],
      ]);
      return on(made, padded(name, layer.padding, x, on));
    }
    case 'dense': {
      const made = tfl.layers.dense({ name, units: layer.units, useBias: layer.bias !== undefined });
      const [channels = 1, ...spatial] = flattenedFrom.get(x) ?? inputShape;
      const pixels = spatial.reduce((a, b) => a * b, 1);
      pending.push([
        made,
        () => [
          tf.tensor2d(denseToTfjs(values(layer.kernel), layer.units, channels, pixels), [
            channels * pixels,
            layer.units,
          ]),
          ...bias(layer.bias),
        ],
      ]);
      return on(made);
    }
    case 'pool': {
      for (const axis of [0, 1] as const) {
        const reach = (layer.outputShape[axis + 1]! - 1) * layer.stride[axis] + layer.size[axis];
        if (reach > inputShape[axis + 1]! + layer.padding[2 * axis]! + layer.padding[2 * axis + 1]!) {
          throw new RangeError(`buildLayersModel: tfjs's pools leave out partial windows, "${name}" counts them`);
        }
      }
      if (layer.padding.some((zeros) => zeros > 0)) {
        throw new RangeError(
          `buildLayersModel: pool "${name}" has padding [${layer.padding.join(', ')}], which tfjs's layers cannot express`,
        );
      }
      const options = {
        name,
        poolSize: [...layer.size] as [number, number],
        strides: [...layer.stride] as [number, number],
      };
      return on(layer.mode === 'max' ? tfl.layers.maxPooling2d(options) : tfl.layers.averagePooling2d(options));
    }
    case 'relu':
      return on(tfl.layers.reLU({ name }));
    case 'softmax':
      return on(tfl.layers.softmax({ name }));
    case 'flatten': {
      const y = on(tfl.layers.flatten({ name }));
      flattenedFrom.set(y, inputShape);
      return y;
    }
    default:
      throw new RangeError(`buildLayersModel: cannot build layer "${name}" of kind "${layer.kind}"`);
  }
}

// tfjs flattens [H, W, C] where the house flattens [C, H, W]: the dense layer that follows must know what was flattened.
const flattenedFrom = new WeakMap<tfl.SymbolicTensor, Shape>();

function padded(
  name: string,
  [top, bottom, left, right]: readonly [number, number, number, number],
  x: tfl.SymbolicTensor,
  on: (made: tfl.layers.Layer, to: tfl.SymbolicTensor) => tfl.SymbolicTensor,
): tfl.SymbolicTensor {
  if (!(top || bottom || left || right)) return x;
  return on(
    tfl.layers.zeroPadding2d({
      name: `${name}/padding`,
      padding: [
        [top, bottom],
        [left, right],
      ],
    }),
    x,
  );
}

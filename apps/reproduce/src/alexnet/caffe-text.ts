import type { Layer } from '@pare/core';

/**
 * Writes the text that Caffe needs beside a file of weights, for networks of the layers that AlexNet and VGG-16 have. It says what
 * shapes the weights have; what changes none (ReLU, normalisation) is left out.
 *
 * @throws RangeError at a layer of another kind
 */
export function caffeText(layers: readonly Layer[]): string {
  const tops = new Map<string, string>(); // what stands in for the layers that are left out
  const top = ({ inputs }: Layer): string => tops.get(inputs[0]!) ?? inputs[0]!;
  return layers
    .flatMap((layer) => {
      const { name } = layer;
      if (layer.kind === 'input') return [`input: "${name}" input_shape { dim: 1 ${dims(layer.outputShape)} }`];
      const [type, settings] = settingsOf(layer);
      if (type === '') tops.set(name, top(layer));
      return type === ''
        ? []
        : [`layer { name: "${name}" type: "${type}" bottom: "${top(layer)}" top: "${name}" ${settings} }`];
    })
    .join('\n');
}

const dims = (shape: readonly number[]): string => shape.map((extent) => `dim: ${extent}`).join(' ');

function settingsOf(layer: Layer): readonly [type: string, settings: string] {
  switch (layer.kind) {
    case 'conv2d': {
      const { filters, kernelSize, stride, padding, groups } = layer;
      const window = `kernel_size: ${kernelSize[0]} stride: ${stride[0]} pad: ${padding[0]}`;
      return ['Convolution', `convolution_param { num_output: ${filters} ${window} group: ${groups} }`];
    }
    case 'dense':
      return ['InnerProduct', `inner_product_param { num_output: ${layer.units} }`];
    case 'pool':
      return ['Pooling', `pooling_param { pool: MAX kernel_size: ${layer.size[0]} stride: ${layer.stride[0]} }`];
    case 'relu':
    case 'lrn':
    case 'flatten':
    case 'softmax':
      return ['', ''];
    default:
      throw new RangeError(
        `caffeText: "${layer.name}" has the kind "${layer.kind}", which AlexNet and VGG-16 do not have`,
      );
  }
}

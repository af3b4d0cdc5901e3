import { type Conv2dLayer, type DenseLayer, elementCount, type Layer, type Shape } from '@pare/core';

/** A layer with a kernel, and the shape that its kernel has: `[K, C / groups, R, S]` or `[K, C]`; its bias has `[K]`. */
export interface ShapedLayer {
  readonly layer: Conv2dLayer | DenseLayer;
  readonly shape: Shape;
}

/** Lists the layers that have kernels. */
export function shapedLayers(layers: readonly Layer[]): ShapedLayer[] {
  const outputs = new Map<string, Shape>();
  return layers.flatMap((layer) => {
    outputs.set(layer.name, layer.outputShape);
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return [];
    const input = outputs.get(layer.inputs[0]!)!;
    const shape =
      layer.kind === 'dense'
        ? [layer.units, elementCount(input)]
        : [layer.filters, input[0]! / layer.groups, ...layer.kernelSize];
    return [{ layer, shape }];
  });
}

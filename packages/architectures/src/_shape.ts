import { type Conv2dLayer, type DenseLayer, kernelShape, type Layer, type Shape } from '@pare/core';

/** A layer with a kernel, and the shape that its kernel has: `[K, C / groups, R, S]` or `[K, C]`; its bias has `[K]`. */
export interface ShapedLayer {
  readonly layer: Conv2dLayer | DenseLayer;
  readonly shape: readonly [number, ...number[]];
}

/** Lists the layers that have kernels. */
export function shapedLayers(layers: readonly Layer[]): ShapedLayer[] {
  const outputs = new Map<string, Shape>();
  return layers.flatMap((layer) => {
    outputs.set(layer.name, layer.outputShape);
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return [];
    return [{ layer, shape: kernelShape(layer, outputs.get(layer.inputs[0]!)!) }];
  });
}

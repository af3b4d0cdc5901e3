import { elementCount, type Layer, type Shape } from '@pare/core';

/** One line of a network's table. */
export interface LayerRow {
  readonly name: string;
  readonly kind: Layer['kind'];
  readonly outputShape: Shape;
  /** Kernel elements. */
  readonly weights: number;
  readonly biases: number;
  /** Multiply-accumulates for one example. */
  readonly macs: number;
}

/**
 * Counts parameters and multiply-accumulates, layer by layer.
 *
 * macs = outputs · fan-in, outputs being the elements of the output and fan-in (C / groups)·R·S or C.
 *
 * @example
 * layerTable(lenet5()).map((row) => row.macs).filter(Boolean) // [288000, 1600000, 400000, 5000]
 */
export function layerTable(layers: readonly Layer[]): LayerRow[] {
  const shapes = new Map<string, Shape>();
  return layers.map((layer) => {
    shapes.set(layer.name, layer.outputShape);
    const { name, kind, outputShape } = layer;
    const none = { name, kind, outputShape, weights: 0, biases: 0, macs: 0 };
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return none;
    const input = shapes.get(layer.inputs[0]!)!;
    const fanIn =
      layer.kind === 'dense'
        ? elementCount(input)
        : (input[0]! / layer.groups) * layer.kernelSize[0] * layer.kernelSize[1];
    const outputs = layer.kind === 'dense' ? layer.units : layer.filters;
    return {
      ...none,
      weights: outputs * fanIn,
      biases: layer.bias === undefined ? 0 : outputs,
      macs: elementCount(outputShape) * fanIn,
    };
  });
}

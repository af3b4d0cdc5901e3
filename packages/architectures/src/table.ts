import { elementCount, type Layer, type Shape } from '@pare/core';
import { type ShapedLayer, shapedLayers } from './_shape.ts';

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
  const shaped = new Map<Layer, ShapedLayer>(shapedLayers(layers).map((each) => [each.layer, each]));
  return layers.map((layer) => {
    const { name, kind, outputShape } = layer;
    const found = shaped.get(layer);
    if (!found) return { name, kind, outputShape, weights: 0, biases: 0, macs: 0 };
    const [outputs, ...taps] = found.shape;
    const fanIn = elementCount(taps);
    return {
      name,
      kind,
      outputShape,
      weights: outputs * fanIn,
      biases: found.layer.bias === undefined ? 0 : outputs,
      macs: elementCount(outputShape) * fanIn,
    };
  });
}

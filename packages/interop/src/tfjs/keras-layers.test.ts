import { expect, test } from 'vitest';
import { readKerasLayers } from './keras-layers.ts';

const inputOf = (extents: number) => ({
  class_name: 'Sequential',
  config: {
    layers: [
      { class_name: 'InputLayer', config: { name: 'x', batch_input_shape: Array<number>(extents).fill(1) } },
      { class_name: 'ReLU', config: { name: 'relu' } },
    ],
  },
});

test('shapes have at most nine extents, as every layer may inherit them', () => {
  expect(readKerasLayers(inputOf(9), new Map()).layers[1]!.outputShape).toHaveLength(8);
  expect(() => readKerasLayers(inputOf(10), new Map())).toThrow(
    /modelTopology.config.layers\[0\].config.batch_input_shape expected at most 9 items, got \[1,1/,
  );
});

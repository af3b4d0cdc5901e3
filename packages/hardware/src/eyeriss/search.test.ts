import fc from 'fast-check';
import { expect, test } from 'vitest';
import { convolution, fullyConnected } from '../../test/layers.ts';
import { tableOf } from '../actions.ts';
import { type Geometry, geometryOf } from '../geometry.ts';
import { ROW_STATIONARY_UNITS } from '../tables/eyeriss.ts';
import { EYERISS } from './machine.ts';
import { eyeriss } from './model.ts';
import { searchMapping } from './search.ts';
import { misfit, trafficOf } from './traffic.ts';

const searched = (work: Parameters<typeof geometryOf>[0]) => {
  const geometry = geometryOf(work) as Geometry;
  return { geometry, mapping: searchMapping(geometry, work, EYERISS, tableOf(ROW_STATIONARY_UNITS)) };
};

// A group of 20 filters: 16 in an element leave 4 for a second set, which once counted as more filters than there are.
test('what is found fits the machine, and may be given by hand', () => {
  const shapes = fc.record({
    groups: fc.constantFrom(1, 2, 8),
    channels: fc.integer({ min: 1, max: 40 }),
    filters: fc.integer({ min: 1, max: 40 }),
    side: fc.integer({ min: 1, max: 40 }),
    kernelSize: fc.integer({ min: 1, max: 11 }),
    stride: fc.integer({ min: 1, max: 13 }),
    batch: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(shapes, ({ groups, channels, filters, side, kernelSize, stride, batch }) => {
      const padding = Math.ceil(kernelSize / 2);
      const options = { filters: groups * filters, kernelSize, stride, padding, groups };
      const work = convolution('any', [groups * channels, side, side], options, { batch });
      const { geometry, mapping } = searched(work);
      expect(misfit(geometry, mapping, EYERISS)).toBeUndefined();
      const [byHand, found] = [eyeriss({ mapping: () => mapping }), eyeriss()].map((model) => model.cost(work));
      expect(byHand).toEqual(found);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('sets of elements that find no channels or no filters do not work', () => {
  const { geometry } = searched(convolution('thin', [3, 9, 9], { filters: 4, kernelSize: 3 }));
  const mapping = { m: 4, n: 1, e: 7, p: 4, q: 3, r: 2, t: 4 }; // 3 channels and 4 filters are taken by one set
  expect(trafficOf(geometry, mapping, 1).activePes).toBe(3 * 7);
});

test('a strip takes as many rows as a dilated filter reaches over', () => {
  const [plain, dilated] = [1, 4].map((step) => {
    const work = convolution('wide', [64, 33, 33], { filters: 20, kernelSize: 3 });
    const extent = 33 - 2 * step;
    const layer = { ...work.layer, dilation: [step, step], outputShape: [20, extent, extent] } as typeof work.layer;
    const geometry = geometryOf({ ...work, layer })!;
    return trafficOf(geometry, { m: 20, n: 1, e: extent, p: 16, q: 4, r: 1, t: 1 }, 1);
  });
  // One strip of all output rows reads all 33 rows of the input, whatever lies between a filter's taps.
  const passes = (64 / 4) * (20 / 16);
  expect(plain!.bufferInputs).toBe(passes * 4 * 33 * 33);
  expect(dilated!.bufferInputs).toBe(plain!.bufferInputs);
});

test('a dense layer, a filter of one, a stride beyond the filter: each word is read at least once', () => {
  for (const work of [
    fullyConnected('one', 1, 1),
    convolution('point', [1, 1, 1], {}),
    convolution('sparse', [16, 20, 20], { filters: 8, stride: 3 }),
    convolution('depthwise', [32, 7, 7], { filters: 32, groups: 32, kernelSize: 3, padding: 1 }),
  ]) {
    const { geometry, mapping } = searched(work);
    const { dramInputs, dramWeights, dramOutputs } = trafficOf(geometry, mapping, 1);
    expect(dramWeights, work.layer.name).toBeGreaterThanOrEqual(geometry.weights);
    expect(dramInputs, work.layer.name).toBeGreaterThanOrEqual(geometry.inputs);
    expect(dramOutputs, work.layer.name).toBe(geometry.outputs);
  }
});

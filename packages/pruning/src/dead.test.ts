import { checkModel, type Model, mapWeights, type PoolLayer, seededRandom, type Weight, weightOf } from '@pare/core';
import {
  denseValues,
  describeStage,
  difference,
  type NetworkOptions,
  referenceForward,
  smallNetwork,
  withForm,
  withValues,
} from '@pare/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutDeadNeurons } from './dead.ts';
import { removeDeadNeurons } from './dead-stage.ts';
import { applyMask } from './masked.ts';

describeStage('removeDeadNeurons', removeDeadNeurons, { kinds: ['dense', 'masked', 'shared'] });

const seed = 1;
const bare = (model: Model): Model => ({ ...model, layers: model.layers.filter(({ kind }) => kind !== 'softmax') });
const values = (model: Model, name: string) => [...denseValues(weightOf(model, name).form)];
/** Prunes entries of a kernel. */
const cut = (model: Model, name: string, kept: (index: number) => boolean): Model =>
  withForm(model, name, (form) => {
    const w = denseValues(form);
    return applyMask(
      w,
      Uint8Array.from(w, (_, i) => (kept(i) ? 1 : 0)),
    );
  });

/** The largest difference of the outputs over a few inputs, and a bound for it. */
function compare(one: Model, other: Model): { difference: number; bound: number } {
  const random = seededRandom(5);
  const [C, H, W] = one.layers[0]!.outputShape as [number, number, number];
  const result = { difference: 0, bound: 0 };
  for (let n = 0; n < 4; n++) {
    const input = Array.from({ length: C * H * W }, () => random.normal());
    const [a, b] = [referenceForward(one, input), referenceForward(other, input)];
    a.forEach((value, i) => {
      result.difference = Math.max(result.difference, Math.abs(value - b[i]!));
    });
  }
  // Only biases were rounded, each once, by at most 2⁻²⁴ of its magnitude. A layer passes on at most its largest row of
  // Σ|w| times what it is given; relu and pools pass on no more than that. 1e-12: the reference's own double precision.
  for (const layer of other.layers) {
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') continue;
    const w = values(one, layer.kernel);
    const rows = layer.outputShape[0]!;
    const sums = Array.from({ length: rows }, (_, k) =>
      w.slice((k * w.length) / rows, ((k + 1) * w.length) / rows).reduce((sum, value) => sum + Math.abs(value), 0),
    );
    const biases = layer.bias === undefined ? [] : values(other, layer.bias).map(Math.abs);
    result.bound = result.bound * Math.max(...sums) + 2 ** -24 * Math.max(0, ...biases) + 1e-12;
  }
  return result;
}

describe('withoutDeadNeurons', () => {
  // 2×2 inputs, 2 filters pooled to one position each, 3 hidden units, 2 classes.
  const small: NetworkOptions = { channels: 1, side: 2, filters: 2, hidden: 3, classes: 2 };
  const network = bare(smallNetwork(small));

  test('prunes what leads to a neuron without outputs, and zeroes its bias', () => {
    const model = cut(network, 'ip2/kernel', (i) => i % 3 !== 1); // nobody reads unit 1 of ip1
    const after = withoutDeadNeurons(model);
    expect(values(after, 'ip1/kernel').slice(2, 4)).toEqual([0, 0]);
    expect(values(after, 'ip1/bias')[1]).toBe(0);
    expect(values(after, 'ip1/bias')[0]).toBe(values(model, 'ip1/bias')[0]);
    expect(weightOf(after, 'ip2/kernel')).toBe(weightOf(model, 'ip2/kernel'));
    expect(weightOf(after, 'conv1/kernel')).toBe(weightOf(model, 'conv1/kernel'));
    expect(compare(model, after).difference).toBe(0);
  });

  test('goes on to the neurons that only the dead one read, through flatten, pool and relu', () => {
    const model = cut(network, 'ip1/kernel', (i) => i % 2 !== 1); // nobody reads filter 1
    const after = withoutDeadNeurons(model);
    expect(values(after, 'conv1/kernel').slice(9)).toEqual(new Array(9).fill(0));
    expect(values(after, 'conv1/kernel').slice(0, 9)).toEqual(values(model, 'conv1/kernel').slice(0, 9));
    expect(values(after, 'conv1/bias')[1]).toBe(0);
    expect(compare(model, after).difference).toBe(0);
  });

  test('folds the constant of a neuron without inputs into the biases behind it', () => {
    const biased = withValues(network, 'ip1/bias', () => 0.75);
    const model = cut(biased, 'ip1/kernel', (i) => i >= 2); // unit 0 has no inputs: it is relu(0.75)
    const after = withoutDeadNeurons(model);
    const w = values(model, 'ip2/kernel');
    const folded = values(model, 'ip2/bias').map((bias, k) => Math.fround(bias + 0.75 * w[3 * k]!));
    expect(values(after, 'ip2/bias')).toEqual(folded);
    expect([0, 3].map((i) => values(after, 'ip2/kernel')[i])).toEqual([0, 0]);
    expect(values(after, 'ip1/bias')).toEqual([0, 0.75, 0.75]);
    const { difference, bound } = compare(model, after);
    expect(difference).toBeLessThanOrEqual(bound);
  });

  test('a negative constant is nothing behind a relu', () => {
    const model = cut(
      withValues(network, 'ip1/bias', () => -0.75),
      'ip1/kernel',
      (i) => i >= 2,
    );
    const after = withoutDeadNeurons(model);
    expect(weightOf(after, 'ip2/bias')).toBe(weightOf(model, 'ip2/bias'));
    expect(values(after, 'ip1/bias')[0]).toBe(0);
    expect(compare(model, after).difference).toBe(0);
  });

  test('folds a dead filter into a dense layer, all its positions', () => {
    const wide = bare(smallNetwork({ channels: 1, side: 4, filters: 2, hidden: 2, classes: 2 })); // 2×2 positions a filter
    const model = cut(
      withValues(wide, 'conv1/bias', () => 0.5),
      'conv1/kernel',
      (i) => i >= 9,
    );
    const after = withoutDeadNeurons(model);
    expect(values(after, 'ip1/kernel').map((w) => (w === 0 ? 0 : 1))).toEqual([
      0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1,
    ]);
    const { difference, bound } = compare(model, after);
    expect(difference).toBeLessThanOrEqual(bound);
  });

  test('leaves a constant where folding would not be exact', () => {
    const pool = (change: Partial<PoolLayer>): Model => {
      const wide = bare(smallNetwork({ channels: 1, side: 4, filters: 2, hidden: 2, classes: 2 }));
      const layers = wide.layers.map((layer) => (layer.kind === 'pool' ? { ...layer, ...change } : layer));
      return cut(
        withValues({ ...wide, layers }, 'conv1/bias', () => 0.5),
        'conv1/kernel',
        (i) => i >= 9,
      );
    };
    const touched = (model: Model) => weightOf(withoutDeadNeurons(model), 'ip1/bias') !== weightOf(model, 'ip1/bias');
    expect(touched(pool({ mode: 'average' }))).toBe(true);
    expect(touched(pool({ mode: 'average', rounding: 'ceil' }))).toBe(false);
    expect(touched(pool({ mode: 'average', padding: [1, 0, 1, 0] }))).toBe(false);
    expect(touched(pool({ mode: 'max', padding: [1, 0, 1, 0] }))).toBe(true); // 0.5 ≥ padding, whatever that is

    // no bias to take it over, or one that is shared or pruned there
    const model = cut(
      withValues(network, 'ip1/bias', () => 0.75),
      'ip1/kernel',
      (i) => i >= 2,
    );
    const sharedBias = withForm(model, 'ip2/bias', () => ({
      kind: 'shared',
      codebook: Float32Array.of(1),
      indices: new Uint16Array(2),
      mask: Uint8Array.of(1, 1),
    }));
    expect(withoutDeadNeurons(sharedBias)).toBe(sharedBias);
    const prunedBias = cut(model, 'ip2/bias', (i) => i === 0);
    expect(withoutDeadNeurons(prunedBias)).toBe(prunedBias);
    const noBias: Model = {
      ...model,
      layers: model.layers.map((layer) => {
        if (layer.name !== 'ip2' || layer.kind !== 'dense') return layer;
        const { bias: _, ...rest } = layer;
        return rest;
      }),
    };
    expect(withoutDeadNeurons(noBias)).toBe(noBias);
  });

  test('leaves layers alone that share a weight', () => {
    const model = withValues(network, 'ip1/kernel', () => 0);
    const twice: Model = {
      ...model,
      layers: model.layers.map((layer) =>
        layer.name === 'ip2' && layer.kind === 'dense' ? { ...layer, bias: 'ip1/bias' } : layer,
      ),
    };
    expect(weightOf(withoutDeadNeurons(twice), 'ip1/bias')).toBe(weightOf(twice, 'ip1/bias'));
    expect(weightOf(withoutDeadNeurons(twice), 'ip2/kernel')).toBe(weightOf(twice, 'ip2/kernel'));
  });

  test('prunes shared weights too, keeping codebook and structure', () => {
    const sharedNet = bare(smallNetwork({ ...small, kind: 'shared' }));
    const model = withForm(sharedNet, 'ip2/kernel', (form) => {
      if (form.kind !== 'shared') return form;
      const mask = form.mask.map((bit, i) => (i % 3 === 1 ? 0 : bit));
      return { ...form, mask, indices: form.indices.map((k, i) => (mask[i] ? k : 0)) };
    });
    const after = withoutDeadNeurons(model);
    expect(weightOf(after, 'ip1/kernel').form.kind).toBe('shared');
    expect(values(after, 'ip1/kernel').slice(2, 4)).toEqual([0, 0]);
    const { difference, bound } = compare(model, after);
    expect(difference).toBeLessThanOrEqual(bound);
  });

  test('computes the same function, and once is enough', () =>
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          channels: fc.constantFrom(1, 2),
          side: fc.constantFrom(2, 4),
          filters: fc.constantFrom(2, 4),
          hidden: fc.integer({ min: 1, max: 6 }),
          classes: fc.integer({ min: 1, max: 3 }),
        }),
        fc.record({
          seed: fc.nat(),
          density: fc.constantFrom(0.05, 0.15, 0.3, 0.6),
          kind: fc.constantFrom('dense', 'masked'),
          relu: fc.boolean(),
          mode: fc.constantFrom<'max' | 'average'>('max', 'average'),
          taps: fc.constantFrom<1 | 3>(1, 3),
        }),
        (options, { seed, density, kind, relu, mode, taps }) => {
          const random = seededRandom(seed);
          const sparse = mapWeights(
            deeper(bare(smallNetwork(options)), relu, mode, taps),
            ({ weight, role }): Weight => {
              if (role !== 'kernel') return weight;
              const w = denseValues(weight.form);
              const masked = applyMask(
                w,
                Uint8Array.from(w, () => (random.float() < density ? 1 : 0)),
              );
              return { ...weight, form: kind === 'masked' ? masked : { kind: 'dense', values: masked.values } };
            },
          );
          checkModel(sparse);
          const after = withoutDeadNeurons(sparse);
          checkModel(after);
          const { difference: off, bound } = compare(sparse, after);
          expect(off).toBeLessThanOrEqual(bound);
          expect(difference(after, withoutDeadNeurons(after))).toBeUndefined();
          expect(nonZeros(after)).toBeLessThanOrEqual(nonZeros(sparse));
        },
      ),
      { seed, numRuns: 200 },
    ));

  test('refuses numbers that are not finite, naming the weight', () =>
    expect(() => withoutDeadNeurons(withValues(network, 'ip1/bias', () => Number.NaN))).toThrow('weight "ip1/bias"'));
});

const nonZeros = (model: Model): number =>
  model.weights.reduce(
    (sum, { name }) => sum + (name.endsWith('kernel') ? values(model, name).filter((w) => w !== 0).length : 0),
    0,
  );

/** Puts a second, grouped convolution behind the first, 1×1 or padded 3×3, perhaps without the relu between. */
function deeper(model: Model, relu: boolean, mode: 'max' | 'average', taps: 1 | 3): Model {
  const zeros = (taps - 1) / 2;
  const conv = model.layers[1]!;
  const [filters] = conv.outputShape as [number];
  const groups = filters % 2 === 0 ? 2 : 1;
  const random = seededRandom(filters).fork('conv2');
  const length = (filters * filters * taps * taps) / groups;
  const shape = [filters, filters / groups, taps, taps];
  return {
    ...model,
    layers: model.layers
      .flatMap((layer) => {
        if (layer.kind === 'pool') return [{ ...layer, mode }];
        if (layer.name !== 'relu1') return [layer];
        const second = {
          ...conv,
          name: 'conv2',
          inputs: [relu ? 'relu1' : 'conv1'],
          kernel: 'conv2/kernel',
          bias: 'conv2/bias',
          kernelSize: [taps, taps],
          padding: [zeros, zeros, zeros, zeros],
          groups,
        } as typeof conv;
        return [...(relu ? [layer] : []), second, { ...layer, name: 'relu1b', inputs: ['conv2'] }];
      })
      .map((layer) => (layer.kind === 'pool' ? { ...layer, inputs: ['relu1b'] } : layer)),
    weights: [
      ...model.weights,
      {
        name: 'conv2/kernel',
        shape,
        form: { kind: 'dense', values: Float32Array.from({ length }, () => random.normal()) },
      },
      {
        name: 'conv2/bias',
        shape: [filters],
        form: { kind: 'dense', values: Float32Array.from({ length: filters }, () => random.normal()) },
      },
    ],
  };
}

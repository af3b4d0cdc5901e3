import { initialize, sequence } from '@pare/architectures';
import { type Layer, type Random, seededRandom } from '@pare/core';
import { referenceForward } from '@pare/testkit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { startWasm } from '../backend.ts';
import { fixedNetwork } from '../fixed-network.ts';
import { builtinForms } from '../forms.ts';
import { addSquaredGradients, type SquaredGradients } from './output-fisher.ts';

beforeAll(startWasm);

const model = initialize(
  sequence(
    [2, 6, 6],
    [
      { kind: 'conv2d', name: 'conv', filters: 3, kernelSize: 3 },
      { kind: 'pool', name: 'pool', size: 2 },
      { kind: 'relu', name: 'relu' },
      { kind: 'dense', name: 'ip1', units: 5 },
      { kind: 'relu', name: 'relu2' },
      { kind: 'dense', name: 'ip2', units: 4 },
    ],
  ),
  seededRandom(1),
);
const random = seededRandom(2);
const images = [0, 1, 2].map(() => Float32Array.from({ length: 72 }, () => 2 * random.normal()));

/** −log p(label) of what the layers behind `name` make of an output of it, and which label a draw of `chance` gives. */
function tail(name: string, chance: number) {
  const at = model.layers.findIndex((layer) => layer.name === name);
  const source: Layer = { kind: 'input', name, inputs: [], outputShape: model.layers[at]!.outputShape };
  const rest = { ...model, layers: [source, ...model.layers.slice(at + 1)] };
  const before = { ...model, layers: model.layers.slice(0, at + 1) };
  const logProbabilities = (y: Float64Array): Float64Array => {
    const logits = referenceForward(rest, y);
    const sum = logits.reduce((total, value) => total + Math.exp(value), 0);
    return logits.map((value) => value - Math.log(sum));
  };
  return (image: Float32Array): Float64Array => {
    const y = referenceForward(before, image);
    let left = chance;
    const label = logProbabilities(y).findIndex((value) => (left -= Math.exp(value)) < 0);
    return y.map((_, i) => {
      const at = (step: number): number =>
        logProbabilities(y.map((value, j) => (i === j ? value + step : value)))[label]!;
      return (at(-1e-5) - at(1e-5)) / 2e-5;
    });
  };
}

test('squared gradients are those of each example by itself, added up', () => {
  const chances = [0.1, 0.6, 0.95];
  const network = fixedNetwork(model, builtinForms);
  const squares: SquaredGradients = new Map();
  const wanted = new Set(model.layers.filter(({ kind }) => kind === 'conv2d' || kind === 'dense'));
  const input = tf.tensor4d(
    images.flatMap((image) => [...image]),
    [3, 2, 6, 6],
  );
  const draws = chances.map((chance) => ({ float: () => chance }) as Random);
  const before = tf.memory().numTensors;
  for (const twice of [1, 2]) {
    addSquaredGradients((after) => network.logits(input, { after }), wanted, draws, squares);
    expect(tf.memory().numTensors).toBe(before);
    for (const { name, outputShape } of wanted) {
      const expected = new Float64Array(outputShape[0]!);
      const together = new Float64Array(outputShape[0]!);
      images.forEach((image, n) => {
        const gradients = tail(name, chances[n]!)(image);
        const area = gradients.length / expected.length;
        const sums = new Float64Array(expected.length);
        gradients.forEach((gradient, i) => {
          expected[Math.floor(i / area)]! += twice * gradient ** 2;
          sums[Math.floor(i / area)]! += gradient;
        });
        sums.forEach((sum, k) => void (together[k]! += twice * sum ** 2));
      });
      const largest = Math.max(...expected);
      expect(largest).toBeGreaterThan(0);
      const { fisher, coherence } = squares.get(name)!;
      fisher.forEach((square, k) => void expect(Math.abs(square - expected[k]!)).toBeLessThan(1e-4 * largest));
      const most = Math.max(...together);
      coherence.forEach((square, k) => void expect(Math.abs(square - together[k]!)).toBeLessThan(1e-4 * most));
    }
  }
  input.dispose();
  network.dispose();
});

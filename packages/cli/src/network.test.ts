import { architectureNamed, initialize, lenet300 } from '@pare/architectures';
import { checkModel, type Model, seededRandom, weightNames } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { completeNetwork, inputOf } from './network.ts';

const { weights } = initialize(lenet300(), seededRandom(1));
/** As other programs name them, biases first. */
const alone: Model = {
  layers: [],
  weights: weights
    .map((weight) => ({ ...weight, name: weight.name.replace('/kernel', '.weight').replace('/bias', '.bias') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1)),
  topology: { safetensors: 1, metadata: { by: 'somebody' } },
  history: [],
};

describe('completeNetwork', () => {
  test('recognises weights alone and keeps their names, for layers too', () => {
    const { model, notes } = completeNetwork(alone, { needed: true });
    checkModel(model);
    expect(notes).toEqual(['recognised by its tensors: lenet-300-100']);
    expect(model.weights.map(({ name }) => name).sort()).toEqual(alone.weights.map(({ name }) => name));
    expect(model.layers.flatMap(weightNames).map(({ name }) => name)).toEqual(model.weights.map(({ name }) => name));
    expect(model.topology).toBe(alone.topology);
    for (const weight of model.weights) {
      expect(weight.form).toBe(alone.weights.find(({ name }) => name === weight.name)!.form);
    }
  });

  test('leaves weights alone where nobody needs layers, unless the network is named', () => {
    expect(completeNetwork(alone, {}).model).toBe(alone);
    const { model, notes } = completeNetwork(alone, { architecture: 'lenet-300-100' });
    expect(model.layers).toHaveLength(lenet300().length);
    expect(notes).toEqual([]);
  });

  test('says what does not fit', () => {
    const strange: Model = { ...alone, weights: alone.weights.slice(1) };
    expect(() => completeNetwork(strange, { needed: true })).toThrow(/those of no known network \(lenet-300-100, /);
    expect(() => completeNetwork(alone, { architecture: 'resnet' })).toThrow(
      /--architecture expected one of lenet-300-100, .*got "resnet"/,
    );
    expect(() => completeNetwork(alone, { architecture: 'lenet-5' })).toThrow(/--architecture lenet-5: .*"conv1"/);
    const whole: Model = { ...alone, weights, layers: lenet300() };
    expect(() => completeNetwork(whole, { architecture: 'lenet-5' })).toThrow(/brings its own layers/);
    expect(() => completeNetwork(alone, { preprocess: {} })).toThrow(/names no input/);
  });

  test('puts preprocessing into the input layer, if it fits', () => {
    const options = { architecture: 'lenet-300-100', preprocess: { resize: 28, mean: [33], scale: 1 / 78 } };
    const { model } = completeNetwork(alone, options);
    expect(inputOf(model)?.preprocess).toEqual(options.preprocess);
    const refused = (preprocess: object) => () => completeNetwork(alone, { architecture: 'lenet-300-100', preprocess });
    expect(refused({ mean: [1, 2, 3] })).toThrow(
      '--preprocess: "mean" expected 1 numbers as the input "data" has, got 3',
    );
    expect(refused({ crop: [28, 20] })).toThrow('"crop" expected [28, 28] as the input "data" has, got [28, 20]');
  });
});

test('the released networks say how images become their input', () => {
  for (const name of ['squeezenet-1.0', 'squeezenet-1.1']) {
    const [input] = architectureNamed(name).layers();
    expect(input).toMatchObject({ kind: 'input', preprocess: { resize: 256 } });
  }
});

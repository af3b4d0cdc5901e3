import { type Form, type Model, mapWeights, type Stage } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { brokenPromises } from './_broken.ts';
import { same } from './same.ts';
import { describeStage, stageContract } from './stage-contract.ts';

/** A stage that keeps its promises: it rounds kernels to quarters. */
const roundToQuarters: Stage = { name: 'roundToQuarters', run: (model) => mapKernels(model, rounded) };

describeStage('roundToQuarters', () => roundToQuarters);

describe('the stage contract notices a stage that', () => {
  const notices: readonly [string, Stage, string][] = [
    [
      'writes to its input',
      {
        name: 'broken',
        run(model) {
          for (const { form } of model.weights) if ('values' in form) form.values.fill(1);
          return model;
        },
      },
      'leaves its input untouched',
    ],
    [
      'sets a property of its input',
      {
        name: 'broken',
        run(model) {
          (model as { name?: string }).name = 'mine';
          return model;
        },
      },
      'leaves its input untouched',
    ],
    [
      'draws its chance elsewhere',
      {
        name: 'broken',
        run: (model) => mapKernels(model, (form) => ({ kind: 'dense', values: rounded(form).values.map(Math.random) })),
      },
      'repeats itself under the same seed, byte for byte',
    ],
    [
      'remembers earlier runs',
      (() => {
        let runs = 0;
        return {
          name: 'broken',
          run: (model: Model) => {
            runs++;
            return mapKernels(model, (form) => ({ kind: 'dense', values: rounded(form).values.map((x) => x + runs) }));
          },
        };
      })(),
      'repeats itself under the same seed, byte for byte',
    ],
    [
      'turns weights round',
      { name: 'broken', run: (model) => ({ ...model, weights: model.weights.toReversed() }) },
      'keeps names, order and shapes',
    ],
    [
      'copies what it does not change',
      { name: 'broken', run: (model) => mapWeights(model, ({ weight }) => ({ ...weight })) },
      'returns the weights it has not changed as they are',
    ],
    [
      'forgets the history',
      { name: 'broken', run: (model) => ({ ...model, history: [] }) },
      'keeps the history it was given',
    ],
    [
      'divides by the largest of all-zero values',
      {
        name: 'broken',
        run: (model) =>
          mapKernels(model, (form) => {
            const { values } = rounded(form);
            const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
            return { kind: 'dense', values: values.map((value) => value / largest) };
          }),
      },
      'makes a model that hangs together',
    ],
    [
      'works on through a NaN',
      {
        name: 'broken',
        run: (model) =>
          mapWeights(model, ({ weight }) => ({
            ...weight,
            form: { kind: 'dense', values: (weight.form as { values: Float32Array }).values.map((x) => x * 2) },
          })),
      },
      'refuses a NaN where it works, naming the weight',
    ],
    [
      'says it is more than done',
      {
        name: 'broken',
        run(model, { report }) {
          report({ stage: 'broken', fraction: 1.5 });
          return model;
        },
      },
      'reports progress between 0 and 1',
    ],
    [
      'records a function',
      { name: 'broken', options: { select: () => true }, run: (model) => model },
      'has a name, and options that are plain data',
    ],
    [
      'records an infinity',
      { name: 'broken', options: { at: Infinity }, run: (model) => model },
      'has a name, and options that are plain data',
    ],
    ['has no name', { name: '', run: (model) => model }, 'has a name, and options that are plain data'],
  ];
  test.each(notices)('%s', async (_, stage, sentence) => {
    expect(await brokenPromises(stageContract(() => stage, { runs: 3 }))).toContain(sentence);
  });
});

function mapKernels(model: Model, change: (form: Form, name: string) => Form): Model {
  return mapWeights(model, ({ weight, role }) => {
    if (role !== 'kernel') return weight;
    let form: Form;
    try {
      form = change(weight.form, weight.name);
    } catch (cause) {
      throw new RangeError(`${weight.name}: ${(cause as Error).message}`, { cause });
    }
    return same(form, weight.form) ? weight : { ...weight, form };
  });
}

function rounded(form: Form): { readonly kind: 'dense'; readonly values: Float32Array } {
  if (!('values' in form)) throw new TypeError('expected dense or masked');
  const wrong = form.values.findIndex(Number.isNaN);
  if (wrong >= 0) throw new RangeError(`"values" expected numbers, got NaN at index ${wrong}`);
  return { kind: 'dense', values: form.values.map((value) => Math.round(value * 4) / 4) };
}

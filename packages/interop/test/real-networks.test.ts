import { existsSync, readFileSync } from 'node:fs';
import { squeezenet, withWeights } from '@pare/architectures';
import { type Model, parameterCount } from '@pare/core';
import { denseValues, referenceForward } from '@pare/testkit';
import { expect, test } from 'vitest';
import { importModel, memorySource } from '../src/index.ts';

// Networks that others trained, with what their own programs computed, if the data folder is there.

const folder = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;

/** Reads a model, or says that it is absent. */
async function read(path: string): Promise<Model | undefined> {
  if (!existsSync(`${folder}/${path}`)) {
    console.warn(`skipped: no ${folder}/${path}; set PARE_DATA to the data folder`);
    return undefined;
  }
  const { model, notes } = await importModel(memorySource({ [path]: readFileSync(`${folder}/${path}`) }));
  expect(notes).toEqual([]);
  return model;
}

const valuesOf = ({ weights }: Model, name: string): Float32Array =>
  denseValues(weights.find((weight) => weight.name === name)!.form);

test.each([
  { version: '1.0', file: 'v1.0_caffe_dense', softmax: true, count: 1_248_424 },
  { version: '1.1', file: 'v1.1_dense', softmax: false, count: 1_235_496 },
] as const)(
  'SqueezeNet v$version computes what its own program computed',
  async ({ version, file, softmax, count }) => {
    const weights = await read(`squeezenet/squeezenet_${file}.safetensors`);
    const selftest = await read(`squeezenet/squeezenet_${file}.selftest.safetensors`);
    if (!weights || !selftest) return;
    const model = withWeights(squeezenet({ version, softmax }), weights.weights);
    expect(parameterCount(model)).toBe(count);
    const output = referenceForward(model, valuesOf(selftest, 'input'));
    const expected = valuesOf(selftest, 'output');
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = output.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) / largest;
    console.log(`SqueezeNet v${version}: differs by at most ${worst.toExponential(1)} of the largest output`);
    // 26 layers of float32 sums there, of float64 sums here: each rounds by some 2⁻²⁴ of its largest terms.
    expect(worst).toBeLessThan(1e-5);
  },
);

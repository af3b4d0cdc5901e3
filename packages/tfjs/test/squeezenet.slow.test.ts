import { existsSync, readFileSync } from 'node:fs';
import { squeezenet, withWeights } from '@pare/architectures';
import type { Model, Weight } from '@pare/core';
import { importModel, memorySource } from '@pare/interop';
import { denseValues } from '@pare/testkit';
import { beforeAll, expect, test } from 'vitest';
import { answersOf, startWasm } from '../src/index.ts';

// Real networks with what the programs that trained them computed, if the data folder is there.

const folder = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;

const weightsOf = async (file: string): Promise<readonly Weight[]> =>
  (await importModel(memorySource({ [file]: readFileSync(`${folder}/squeezenet/${file}`) }))).model.weights;

const networks = [
  { version: '1.0', file: 'squeezenet_v1.0_caffe_dense', probabilities: true },
  { version: '1.1', file: 'squeezenet_v1.1_dense', probabilities: false },
] as const;

beforeAll(startWasm);

for (const { version, file, probabilities } of networks) {
  const title = `SqueezeNet v${version} computes on tfjs what its own program computed`;
  test.skipIf(!existsSync(`${folder}/squeezenet/${file}.selftest.safetensors`))(title, async () => {
    const model: Model = withWeights(squeezenet({ version }), await weightsOf(`${file}.safetensors`));
    const selftest = await weightsOf(`${file}.selftest.safetensors`);
    const [input, output] = ['input', 'output'].map((name) => selftest.find((tensor) => tensor.name === name)!);
    const examples = { pixels: denseValues(input!.form), count: 1, shape: input!.shape.slice(1) };
    const logits = await answersOf(model, examples);
    const given = probabilities ? softmax(logits) : logits;
    const expected = denseValues(output!.form);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(given[i]! - value)), 0) / largest;
    console.log(`SqueezeNet v${version} on tfjs: differs by at most ${worst.toExponential(1)} of the largest output`);
    expect(worst).toBeLessThan(1e-5);
  });
}

function softmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((value) => value / sum);
}

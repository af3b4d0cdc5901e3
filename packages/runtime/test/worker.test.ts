import { Worker } from 'node:worker_threads';
import { initialize, lenet5 } from '@pare/architectures';
import { CorruptDataError, seededRandom } from '@pare/core';
import { encodeModel } from '@pare/format';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRuntime, NetworkError } from '../src/index.ts';
import { runtimeInWorker } from '../src/worker.ts';

let worker: Worker;
beforeAll(() => {
  // tsx registers itself in a worker only when asked from within.
  const main = new URL('../src/worker-main.ts', import.meta.url).href;
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(main)}); })`;
  worker = new Worker(start, { eval: true, execArgv: ['--conditions=@pare/source'] });
});
afterAll(() => worker.terminate());

const bytes = encodeModel(initialize(lenet5(), seededRandom(1)), { coding: 'fast' });
const input = Float32Array.from({ length: 784 }, (_, i) => Math.sin(i));

test('networks in a worker answer as they do here, several at once', async () => {
  const here = createRuntime(bytes);
  const [first, second] = await Promise.all([runtimeInWorker(bytes, { worker }), runtimeInWorker(bytes, { worker })]);
  expect(first.outputShape).toEqual([10]);
  const answers = await Promise.all([first.run(input), second.run(input), first.run(input)]);
  for (const answer of answers) expect(answer).toEqual(here.runSync(input));
  await first.dispose();
  await expect(first.run(input)).rejects.toThrow('disposed');
  expect(await second.run(input)).toEqual(here.runSync(input));
});

test('a network in a worker has threads of its own', async () => {
  const together = await runtimeInWorker(bytes, { worker, threads: 2 });
  expect(await together.run(input)).toEqual(createRuntime(bytes).runSync(input));
  await together.dispose();
  await expect(runtimeInWorker(bytes, { worker, threads: 0.5 })).rejects.toThrow(RangeError);
});

test('errors keep their class', async () => {
  await expect(runtimeInWorker(bytes.subarray(0, 60), { worker })).rejects.toThrow(CorruptDataError);
  const runtime = await runtimeInWorker(bytes, { worker });
  await expect(runtime.run(new Float32Array(3))).rejects.toThrow(RangeError);
  const broken = input.slice();
  broken[5] = Number.NaN;
  await expect(runtime.run(broken)).rejects.toThrow(NetworkError);
  await expect(runtime.run(broken)).rejects.toThrow(
    /^layer "data": "input" expected finite numbers, got NaN at index 5$/,
  );
});

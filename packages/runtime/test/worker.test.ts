import { Worker } from 'node:worker_threads';
import { initialize, lenet5 } from '@pare/architectures';
import { CorruptDataError, seededRandom } from '@pare/core';
import { encodeModel } from '@pare/format';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createRuntime, NetworkError } from '../src/index.ts';
import { runtimeInWorker } from '../src/worker.ts';
import { serveNetworks } from '../src/worker-main.ts';

let worker: Worker;
beforeAll(() => {
  // tsx registers itself in a worker only when asked from within.
  const main = new URL('../src/worker-main.ts', import.meta.url).href;
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(main)}); })`;
  worker = new Worker(start, { eval: true, execArgv: ['--conditions=@pare/source'] });
});
afterAll(() => worker.terminate());

afterEach(() => vi.unstubAllGlobals());

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

test('a worker that ends, or has ended, answers with an error and not never', async () => {
  // Opens every network, and ends when it is asked to run one.
  const brittle = `require('node:worker_threads').parentPort.on('message', ({ id, source }) => {
    if (!source) process.exit(3);
    require('node:worker_threads').parentPort.postMessage({ id, opened: {} });
  })`;
  const ending = new Worker(brittle, { eval: true });
  const runtime = await runtimeInWorker(bytes, { worker: ending });
  await expect(runtime.run(input)).rejects.toThrow('the worker does not run: it ended with 3');
  await expect(runtime.run(input)).rejects.toThrow('the worker does not run: it ended with 3');
  await runtime.dispose();
  const gone = new Worker('', { eval: true });
  await gone.terminate();
  await expect(runtimeInWorker(bytes, { worker: gone })).rejects.toThrow('the worker does not run: it has ended');
});

/** A worker as pages have it, which does what is told. */
function pageWorkers() {
  const made: (EventTarget & { ended: number; asked: { readonly id: number }[] })[] = [];
  class PageWorker extends EventTarget {
    ended = 0;
    asked: { readonly id: number }[] = [];
    constructor() {
      super();
      made.push(this);
    }
    postMessage(request: { readonly id: number }): void {
      this.asked.push(request);
    }
    terminate(): void {
      this.ended++;
    }
  }
  vi.stubGlobal('Worker', PageWorker);
  const say = (content: object): void => {
    const worker = made.at(-1)!;
    const { id } = worker.asked.at(-1)!;
    worker.dispatchEvent(Object.assign(new Event('message'), { data: { id, ...content } }));
  };
  return { made, say };
}

/** A network in a page’s worker that has been asked to run, and has not answered. */
async function runningInPage() {
  const page = pageWorkers();
  const opening = runtimeInWorker(bytes);
  page.say({ opened: {} });
  const runtime = await opening;
  return { ...page, runtime, running: runtime.run(input) };
}

test('an address that is none makes no worker', async () => {
  const { made } = pageWorkers();
  await expect(runtimeInWorker('network.pare')).rejects.toThrow(
    'runtimeInWorker: "source" expected the bytes of a file, or an address with its scheme, as "https://…" or "file:///…", got "network.pare"',
  );
  expect(made).toHaveLength(0);
});

test('a page’s worker that cannot be loaded is ended, and nobody waits for it', async () => {
  const { made } = pageWorkers();
  const opening = runtimeInWorker(bytes);
  made[0]!.dispatchEvent(new Event('error'));
  await expect(opening).rejects.toThrow('the worker does not run: it cannot be loaded');
  expect(made[0]!.ended).toBe(1);
});

test('disposal of a page’s worker ends the runs that it has not answered', async () => {
  const { made, say, runtime, running } = await runningInPage();
  const disposing = runtime.dispose();
  say({ done: true });
  await disposing;
  await expect(running).rejects.toThrow('it has been disposed of');
  expect(made[0]!.ended).toBe(1);
});

test('an answer that cannot be read ends the run', async () => {
  const { made, running } = await runningInPage();
  made[0]!.dispatchEvent(new Event('messageerror'));
  await expect(running).rejects.toThrow('its answer cannot be read');
});

test('errors that carry what cannot be sent still arrive', async () => {
  const answers: unknown[] = [];
  let ask = (_: object): void => {};
  serveNetworks({
    postMessage: (answer) => void answers.push(structuredClone(answer)),
    on: (_, listener) => {
      ask = listener as typeof ask;
    },
  });
  vi.stubGlobal('fetch', () => Promise.reject(Object.assign(new TypeError('no net'), { retry() {} })));
  ask({ id: 5, network: -1, source: 'https://example.org/network.pare' });
  await vi.waitFor(() => expect(answers).toMatchObject([{ id: 5, error: { name: 'TypeError', message: 'no net' } }]));
});

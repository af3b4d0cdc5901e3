import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { CorruptDataError, type Model } from '@pare/core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { decodeModel, encodeModel } from '../src/index.ts';
import { decodeInWorker } from '../src/worker.ts';
import { lenet5 } from './_models.ts';

/** Without the largest layer: comparing 400,000 numbers takes a test runner seconds. */
const network: Model = {
  ...lenet5(),
  layers: [],
  weights: lenet5().weights.filter(({ name }) => name !== 'ip1/kernel'),
};

const file = encodeModel(network, { coding: 'fast' });
const model = decodeModel(file);

let worker: Worker;
beforeAll(() => {
  // tsx registers itself in a worker only when asked from within.
  const main = new URL('../src/worker-main.ts', import.meta.url).href;
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(main)}); })`;
  worker = new Worker(start, { eval: true, execArgv: ['--conditions=@pare/source'] });
});
afterAll(() => worker.terminate());

test('decodes what decodeModel decodes, weight by weight, and tells how far it is', async () => {
  const names: string[] = [];
  const seen: number[] = [];
  const decoded = await decodeInWorker(file, {
    worker,
    onWeight: ({ name }) => names.push(name),
    onProgress: ({ weights }) => seen.push(weights),
  });
  expect(decoded).toEqual(model);
  expect(names).toEqual(model.weights.map(({ name }) => name));
  expect(seen.at(-1)).toBe(model.weights.length);
});

test('gives dense weights', async () => {
  expect(await decodeInWorker(file, { worker, dense: true })).toEqual(decodeModel(file, { dense: true }));
});

test('several at a time do not mix', async () => {
  const other = encodeModel({ ...network, name: 'other' }, { coding: 'fast' });
  const [a, b] = await Promise.all([decodeInWorker(file, { worker }), decodeInWorker(other, { worker })]);
  expect(a).toEqual(model);
  expect(b.name).toBe('other');
});

test('errors come over as what they are', async () => {
  const broken = file.slice();
  broken[100]! ^= 1;
  const failed = decodeInWorker(broken, { worker });
  await expect(failed).rejects.toBeInstanceOf(CorruptDataError);
  await expect(failed).rejects.toThrow(/^corrupt data at byte \d+: a wrong checksum/);
  await expect(decodeInWorker(file, { worker, limits: { elements: 10 } })).rejects.toMatchObject({ code: 'limit' });
});

test('downloads by itself, and a signal ends that', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/gone') response.writeHead(404).end();
    else if (request.url === '/slow') response.write(file.subarray(0, 100));
    else response.end(file);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    expect(await decodeInWorker(url, { worker })).toEqual(model);
    await expect(decodeInWorker(`${url}/gone`, { worker })).rejects.toMatchObject({ code: 'http-status' });
    const abort = new AbortController();
    const waiting = decodeInWorker(`${url}/slow`, { worker, signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('an address that is none leaves no worker behind', async () => {
  const made = vi.fn();
  vi.stubGlobal('Worker', made);
  try {
    await expect(decodeInWorker('model.pare')).rejects.toThrow(TypeError);
    expect(made).not.toHaveBeenCalled();
  } finally {
    vi.unstubAllGlobals();
  }
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { initialize, sequence } from '@pare/architectures';
import { MissingPartError, type Model, seededRandom } from '@pare/core';
import { encodeModel } from '@pare/format';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildLayersModel } from '../build-model.ts';
import { type LoadProgress, pareFile } from './pare-file.ts';

const layers = sequence(
  [1, 28, 28],
  [
    { kind: 'flatten', name: 'flatten' },
    { kind: 'dense', name: 'ip1', units: 20 },
    { kind: 'relu', name: 'relu1' },
    { kind: 'dense', name: 'ip2', units: 10 },
  ],
);
const model = initialize(layers, seededRandom(1), 'small');
const bytes = encodeModel(model, { labels: [...'0123456789'] });

let server: Server;
let base: string;
let requests = 0;

beforeAll(async () => {
  await tf.setBackend('cpu');
  // As servers do: a file, a start page for every unknown path, an error, and one that falls silent in the middle.
  server = createServer((request, response) => {
    requests++;
    if (request.url === '/model.pare') {
      response.writeHead(200, { 'content-length': bytes.length });
      response.end(bytes);
    } else if (request.url === '/unsized.pare') {
      response.writeHead(200);
      for (let i = 0; i < bytes.length; i += 8192) response.write(bytes.subarray(i, i + 8192));
      response.end();
    } else if (request.url === '/silent.pare') {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 5000));
    } else if (request.url === '/gone.pare') {
      response.writeHead(404);
      response.end('<html>not found</html>');
    } else {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>My app</title>');
    }
  });
  server.keepAliveTimeout = 60_000; // longer than any test takes
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const image = Float32Array.from({ length: 784 }, (_, i) => Math.sin(i) ** 2);
const predict = (net: tfl.LayersModel): Float32Array =>
  tf.tidy(() => (net.predict(tf.tensor(image, [1, 28, 28, 1])) as tf.Tensor).dataSync<'float32'>().slice());

describe('pareFile', () => {
  test('is what tf.loadLayersModel loads from', async () => {
    const file = pareFile(`${base}/model.pare`);
    const net = await tfl.loadLayersModel(file);
    const built = buildLayersModel(model);
    expect(predict(net)).toEqual(predict(built));
    expect(file.header?.labels).toEqual([...'0123456789']);
  });

  test.each<[string, () => Parameters<typeof pareFile>[0] | Promise<Response>]>([
    ['a url', () => new URL(`${base}/model.pare`)],
    ['bytes', () => bytes],
    ['a buffer', () => bytes.slice().buffer],
    ['a blob', () => new Blob([bytes as Uint8Array<ArrayBuffer>])],
    ['a file that the user chose', () => new File([bytes as Uint8Array<ArrayBuffer>], 'model.pare')],
    ['a response', () => fetch(`${base}/model.pare`)],
  ])('takes %s', async (_, source) => {
    const { weightSpecs } = await pareFile(await source()).load();
    expect(weightSpecs?.length).toBe(4);
  });

  describe('in Node', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pare-file-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'a model.pare');
    writeFileSync(path, bytes);

    test.each<[string, string | URL]>([
      ['a path', path],
      ['a path from here', relative(process.cwd(), path)],
      ['a file: url', pathToFileURL(path)],
      ['a file: url as text', pathToFileURL(path).href],
    ])('takes %s', async (_, source) => {
      const seen: LoadProgress[] = [];
      const { weightSpecs } = await pareFile(source, { onProgress: (progress) => seen.push(progress) }).load();
      expect(weightSpecs?.length).toBe(4);
      expect(seen.at(-1)).toEqual({ fraction: 1, loadedBytes: bytes.length, totalBytes: bytes.length });
    });

    test('keeps no copy of a file that is there, and says which one is not', async () => {
      const cache = new Map<string, Uint8Array>();
      await pareFile(path, { cache }).load();
      expect(cache.size).toBe(0);
      const load = (source: string, signal?: AbortSignal) => pareFile(source, { ...(signal && { signal }) }).load();
      await expect(load('nowhere.pare')).rejects.toThrow(MissingPartError);
      await expect(load('nowhere.pare')).rejects.toThrow(
        'there is no model at "nowhere.pare": it cannot be read: ENOENT: no such file',
      );
      await expect(load(folder)).rejects.toThrow('it cannot be read: EISDIR');
      const aborted = AbortSignal.abort(new Error('changed my mind'));
      await expect(load(path, aborted)).rejects.toThrow('changed my mind');
    });

    test('leaves what a fetch of one’s own knows to it', async () => {
      const asked: unknown[] = [];
      const given = async (url: RequestInfo | URL) => {
        asked.push(url);
        return new Response(bytes as Uint8Array<ArrayBuffer>);
      };
      const cache = new Map<string, Uint8Array>();
      await pareFile('elsewhere.pare', { fetch: given, cache }).load();
      expect(asked).toEqual(['elsewhere.pare']);
      expect(cache.get('elsewhere.pare')).toEqual(bytes);
    });

    test('does in a page what the page does: relative to it', async () => {
      vi.stubGlobal('location', new URL(`${base}/index.html`));
      vi.stubGlobal('fetch', async () => new Response(bytes as Uint8Array<ArrayBuffer>));
      try {
        expect((await pareFile('nowhere.pare').load()).weightSpecs).toHaveLength(4);
      } finally {
        vi.unstubAllGlobals();
      }
    });
  });

  test.each(['model.pare', 'unsized.pare'])('tells how much of %s is there', async (name) => {
    const seen: LoadProgress[] = [];
    await pareFile(`${base}/${name}`, { onProgress: (progress) => seen.push(progress) }).load();
    expect(seen.at(-1)).toEqual({ fraction: 1, loadedBytes: bytes.length, totalBytes: bytes.length });
    expect(seen.length).toBeGreaterThan(1);
    for (const [i, { fraction }] of seen.entries()) {
      expect(fraction).toBeGreaterThanOrEqual(seen[i - 1]?.fraction ?? 0);
      expect(fraction).toBeLessThanOrEqual(1);
    }
  });

  test('ends at once when aborted, even if the server has fallen silent', async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('changed my mind'));
    await expect(pareFile(`${base}/silent.pare`, { signal: stop.signal, onProgress }).load()).rejects.toThrow(
      'changed my mind',
    );
    await expect(pareFile(`${base}/model.pare`, { signal: stop.signal }).load()).rejects.toThrow('changed my mind');
    await expect(pareFile(bytes, { signal: stop.signal }).load()).rejects.toThrow('changed my mind');
  });

  test('uses the fetch it is given', async () => {
    const given = vi.fn((url: RequestInfo | URL, init?: RequestInit) => fetch(url, { ...init, headers: { a: 'b' } }));
    await pareFile(`${base}/model.pare`, { fetch: given }).load();
    expect(given).toHaveBeenCalledTimes(1);
  });

  test('keeps a file in a cache, and does without one that is damaged', async () => {
    const cache = new Map<string, Uint8Array>();
    const url = `${base}/model.pare`;
    const load = () => pareFile(url, { cache }).load();
    requests = 0;
    const first = await load();
    expect(cache.get(url)).toEqual(bytes);
    expect(await load()).toEqual(first);
    expect(requests).toBe(1);
    cache.set(url, bytes.slice(0, -1));
    expect(await load()).toEqual(first);
    expect(requests).toBe(2);
    expect(cache.get(url)).toEqual(bytes);
  });

  test('keeps files in the Cache API of browsers, under a name', async () => {
    const kept = new Map<string, Response>();
    const open = vi.fn(async () => ({
      match: async (url: string) => kept.get(url)?.clone(),
      put: async (url: string, response: Response) => void kept.set(url, response),
      delete: async (url: string) => kept.delete(url),
    }));
    vi.stubGlobal('caches', { open });
    try {
      const url = `${base}/model.pare`;
      const first = await pareFile(url, { cache: true }).load();
      requests = 0;
      expect(await pareFile(url, { cache: true }).load()).toEqual(first);
      expect(requests).toBe(0);
      await pareFile(url, { cache: 'mine' }).load();
      expect(open.mock.calls.flat()).toContain('pare');
      expect(open.mock.calls.flat()).toContain('mine');
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('loads all the same where what is damaged cannot be deleted', async () => {
    const forbidden = () => {
      throw new DOMException('not here', 'SecurityError');
    };
    const cache = { get: () => bytes.subarray(0, 99), set: forbidden, delete: forbidden };
    expect((await pareFile(`${base}/model.pare`, { cache }).load()).weightSpecs).toHaveLength(4);
  });

  test('lets go of a server that says no', async () => {
    const cancelled = vi.fn();
    const body = new ReadableStream({ cancel: cancelled });
    const fetch = () => Promise.resolve(new Response(body, { status: 500 }));
    await expect(pareFile(`${base}/model.pare`, { fetch }).load()).rejects.toThrow('the server answered 500');
    expect(cancelled).toHaveBeenCalled();
  });

  test('loads all the same where nothing can be kept', async () => {
    const full = { get: () => undefined, set: () => Promise.reject(new Error('quota')), delete: () => undefined };
    await expect(pareFile(`${base}/model.pare`, { cache: full }).load()).resolves.toBeDefined();
    const forbidden = { ...full, get: () => Promise.reject(new DOMException('storage is denied', 'SecurityError')) };
    await expect(pareFile(`${base}/model.pare`, { cache: forbidden }).load()).resolves.toBeDefined();
    await expect(pareFile(`${base}/model.pare`, { cache: true }).load()).resolves.toBeDefined(); // Node has no Cache API
  });

  test('says what is there instead of a file', async () => {
    const load = (source: Parameters<typeof pareFile>[0]) => pareFile(source).load();
    await expect(load(`${base}/`)).rejects.toThrow(`"${base}/" is no .pare file, but an HTML page`);
    await expect(load(`${base}/gone.pare`)).rejects.toThrow(
      `there is no model at "${base}/gone.pare": the server answered 404 Not Found`,
    );
    await expect(load('http://127.0.0.1:1/model.pare')).rejects.toThrow(MissingPartError);
    const text = (content: string) => new TextEncoder().encode(content);
    await expect(load(text('{"modelTopology": {}}'))).rejects.toThrow('but JSON: for a model.json of tfjs');
    await expect(load(text('version https://git-lfs.github.com/spec/v1\n'))).rejects.toThrow('a pointer of Git LFS');
    await expect(load(Uint8Array.of(0x1f, 0x8b, 8, 0))).rejects.toThrow('compressed with gzip');
    await expect(load(text('abcdefghij'))).rejects.toThrow('it begins with "abcdefgh"');
    await expect(load(bytes.slice(0, 1000))).rejects.toThrow('corrupt data at byte');
    await expect(load(new Uint8Array())).rejects.toThrow('corrupt data at byte 0');
    const response = await fetch(`${base}/model.pare`);
    await response.arrayBuffer();
    await expect(load(response)).rejects.toThrow('its response has no body, or it was read before');
  });

  test('names the layer that tfjs cannot express', async () => {
    const normed: Model['layers'] = [
      { kind: 'input', name: 'data', inputs: [], outputShape: [4, 2, 2] },
      { kind: 'lrn', name: 'norm1', inputs: ['data'], outputShape: [4, 2, 2], size: 5, alpha: 1, beta: 0.75, k: 1 },
    ];
    await expect(pareFile(encodeModel({ layers: normed, weights: [], history: [] })).load()).rejects.toThrow(
      'layer "norm1": the kind "lrn", which the layers of tfjs cannot express',
    );
  });
});

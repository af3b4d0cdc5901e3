import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Model } from '@pare/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeModel, encodeModel, httpRanges, openRanges } from '../src/index.ts';
import { lenet5 } from './_models.ts';

/** Without the largest layer: comparing 400,000 numbers takes a test runner seconds. */
const network: Model = {
  ...lenet5(),
  layers: [],
  weights: lenet5().weights.filter(({ name }) => name !== 'ip1/kernel'),
};

const file = encodeModel(network, { recordBytes: 256, coding: 'fast' });
const model = decodeModel(file);

test('reads the header, then one weight, and no more than that takes', async () => {
  let bytes = 0;
  const opened = await openRanges(async (start, end) => {
    const part = file.subarray(start, end);
    bytes += part.length;
    return part;
  });
  expect(opened.bytes).toBe(file.length);
  expect(opened.header.layers).toEqual(model.layers);
  expect(bytes).toBe(Math.min(4096, file.length));
  for (const weight of model.weights) expect(await opened.weight(weight.name)).toEqual(weight);
  expect(bytes).toBeLessThanOrEqual(file.length + 4096);
});

test('finds a header that is longer than the first read', async () => {
  const labels = Array.from({ length: 3000 }, (_, i) => `answer ${(i * 2654435761) >>> 7}`);
  const long = encodeModel({ ...network, labels }, { coding: 'fast' });
  const opened = await openRanges(async (start, end) => long.subarray(start, end));
  expect(opened.header.labels).toEqual(labels);
  expect((await opened.weight('ip2/bias')).form).toEqual(model.weights.at(-1)!.form);
});

test('two weights of a block are read once, also at the same time', async () => {
  const reads: number[] = [];
  const opened = await openRanges(async (start, end) => {
    reads.push(start);
    return file.subarray(start, end);
  });
  const name = 'conv2/kernel';
  const [a, b] = await Promise.all([opened.weight(name), opened.weight(name)]);
  expect(a).toBe(b);
  expect(reads.length).toBeLessThanOrEqual(2);
});

test('damage and absence are told', async () => {
  const opened = await openRanges(async (start, end) => file.subarray(start, end));
  await expect(opened.weight('ip9')).rejects.toThrow(
    'openRanges: "name" expected one of the weights of the file, got "ip9"',
  );
  await expect(openRanges(async () => new Uint8Array(0))).rejects.toThrow('the file ends early');
  await expect(openRanges(async () => Uint8Array.of(60, 104, 116))).rejects.toThrow('this is not a .pare file');
  const flipped = file.slice();
  flipped[file.length - 1]! ^= 1; // the last block's checksum
  const broken = await openRanges(async (start, end) => flipped.subarray(start, end));
  await expect(broken.weight('ip2/bias')).rejects.toThrow('checksum');
  const short = await openRanges(async (start, end) => file.subarray(start, Math.min(end, file.length - 9)));
  await expect(short.weight('ip2/bias')).rejects.toThrow('the file ends early');
});

describe('over HTTP', () => {
  let server: Server;
  let url: string;
  let sent = 0;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (request.url === '/gone') return void response.writeHead(404).end();
      const end = Math.min(file.length, Number(to) + 1);
      const part = request.url === '/whole' ? file : file.subarray(Number(from), end);
      sent += part.length;
      if (request.url === '/whole') return void response.writeHead(200).end(part);
      if (Number(from) >= file.length) return void response.writeHead(416).end();
      const shift = request.url === '/wrong' ? 1 : 0;
      response.writeHead(206, { 'content-range': `bytes ${Number(from) + shift}-${end - 1}/${file.length}` }).end(part);
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  test.each(['/file', '/whole'])('%s', async (path) => {
    sent = 0;
    const opened = await openRanges(httpRanges(url + path));
    for (const weight of model.weights) expect(await opened.weight(weight.name)).toEqual(weight);
    expect(sent).toBeLessThanOrEqual(file.length + 4096);
  });

  test('a server that says no, or sends something else', async () => {
    await expect(openRanges(httpRanges(`${url}/gone`))).rejects.toThrow('/gone: the server answers 404 Not Found');
    await expect(openRanges(httpRanges(`${url}/wrong`))).rejects.toThrow('asked for bytes from 0, got "bytes 1-');
  });

  test('a signal ends it', async () => {
    await expect(openRanges(httpRanges(url, { signal: AbortSignal.abort() }))).rejects.toThrow(/abort/i);
  });
});

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchCaffeAlexnet, findCaffeAlexnet } from './caffe-alexnet.ts';

let cacheDirectory: string;
beforeAll(() => {
  cacheDirectory = mkdtempSync(join(tmpdir(), 'pare-'));
});
afterAll(() => rmSync(cacheDirectory, { recursive: true }));

const nowhere = { env: {}, besideDirectory: false } as const;
const serving =
  (text: string): typeof globalThis.fetch =>
  async () =>
    new Response(text);
const sha1 = createHash('sha1').update('a network').digest('hex');

test('without a network it says so, and leaves nothing behind', async () => {
  const fetch = () =>
    Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) }));
  await expect(fetchCaffeAlexnet({ ...nowhere, cacheDirectory, fetch })).rejects.toThrow('ENOTFOUND');
  expect(findCaffeAlexnet({ ...nowhere, cacheDirectory })).toBeUndefined();
});

test('another file is not kept', async () => {
  const other = fetchCaffeAlexnet({ ...nowhere, cacheDirectory, fetch: serving('an advertisement') });
  await expect(other).rejects.toThrow('expected content of SHA-1 9116a64c');
  expect(findCaffeAlexnet({ ...nowhere, cacheDirectory })).toBeUndefined();
});

test('the file goes into the cache, and is not fetched again', async () => {
  const path = await fetchCaffeAlexnet({ ...nowhere, cacheDirectory, fetch: serving('a network'), sha1 });
  expect(readFileSync(path, 'utf8')).toBe('a network');
  const fetch = () => expect.unreachable();
  expect(await fetchCaffeAlexnet({ ...nowhere, cacheDirectory, fetch, sha1 })).toBe(path);
});

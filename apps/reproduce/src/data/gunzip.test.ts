import { gzipSync } from 'node:zlib';
import { CorruptDataError } from '@pare/core';
import { expect, test } from 'vitest';
import { gunzipIfGzip } from './gunzip.ts';

const content = Uint8Array.from({ length: 300 }, (_, i) => (i * i) & 255);
const packed = new Uint8Array(gzipSync(content));

test('unpacks gzip and leaves other bytes as they are', async () => {
  expect(await gunzipIfGzip(packed, 300)).toEqual(content);
  expect(await gunzipIfGzip(content, 300)).toBe(content);
});

test('stops at the limit', async () => {
  await expect(gunzipIfGzip(packed, 299)).rejects.toMatchObject({ code: 'limit' });
  await expect(gunzipIfGzip(content, 299)).rejects.toMatchObject({ code: 'limit' });
  await expect(gunzipIfGzip(gzipSync(new Uint8Array(10_000_000)), 1000)).rejects.toMatchObject({ code: 'limit' });
});

test('every truncation and every flipped bit ends in CorruptDataError, other bytes, or the content', async () => {
  for (let length = 2; length < packed.length; length += 3) {
    await expect(gunzipIfGzip(packed.subarray(0, length), 300)).rejects.toMatchObject({ code: 'truncated' });
  }
  for (let at = 0; at < packed.length; at++) {
    try {
      expect((await gunzipIfGzip(packed.with(at, packed[at]! ^ 4), 4096)).length).toBeLessThanOrEqual(4096);
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptDataError);
    }
  }
});

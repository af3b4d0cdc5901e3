import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '@pare/cli/whole-file';
import { CorruptDataError } from '@pare/core';
import { cacheFolder } from './cache-folder.ts';
import { type FindDataOptions, findDataFolder } from './data-folder.ts';
import { download } from './download.ts';

/** AlexNet as the Berkeley Vision and Learning Center trained it: 244 MB, which nobody is made to download unasked. */
const CAFFEMODEL = {
  name: 'bvlc_alexnet.caffemodel',
  url: 'http://dl.caffe.berkeleyvision.org/bvlc_alexnet.caffemodel',
  /** What its authors publish beside it. */
  sha1: '9116a64c0fbe4459d18f4bb6b56d647b63920377',
  source: 'github.com/BVLC/caffe, models/bvlc_alexnet/readme.md',
} as const;

/** 60,965,224 numbers are 243,860,896 bytes; names and shapes take little. */
const LIMIT_BYTES = 260_000_000;

/** Finds the file: in the data folder, as `alexnet/bvlc_alexnet.caffemodel`, else in the cache. Its content is not looked at. */
export function findCaffeAlexnet(
  options: FindDataOptions & { readonly cacheDirectory?: string } = {},
): string | undefined {
  const folder = findDataFolder(options);
  const places = [...(folder ? [join(folder.path, 'alexnet')] : []), alexnetCache(options)];
  return places.map((place) => join(place, CAFFEMODEL.name)).find((path) => existsSync(path));
}

export interface FetchAlexnetOptions extends FindDataOptions {
  readonly fetch?: typeof globalThis.fetch;
  readonly cacheDirectory?: string;
  readonly signal?: AbortSignal;
  readonly onBytes?: (receivedBytes: number, totalBytes: number | undefined) => void;
  /** Default: the one its authors publish; tests give another. */
  readonly sha1?: string;
}

/**
 * Downloads the file into the cache, unless it is found.
 *
 * @returns where it is
 * @throws MissingPartError with code `'no-download'` if there is no network, or the server has it no more
 * @throws CorruptDataError if what came is another file
 */
export async function fetchCaffeAlexnet(options: FetchAlexnetOptions = {}): Promise<string> {
  const { fetch = globalThis.fetch, signal, onBytes, sha1 = CAFFEMODEL.sha1 } = options;
  const found = findCaffeAlexnet(options);
  if (found) return found;
  const bytes = await download(CAFFEMODEL.url, {
    fetch,
    limitBytes: LIMIT_BYTES,
    timeoutMs: 15_000,
    deadlineMs: 3_600_000,
    signal,
    ...(onBytes && { onBytes }),
  });
  const got = createHash('sha1').update(bytes).digest('hex');
  if (got !== sha1) {
    throw new CorruptDataError('checksum', 0, `${CAFFEMODEL.url} expected content of SHA-1 ${sha1}, got ${got}`);
  }
  const path = join(alexnetCache(options), CAFFEMODEL.name);
  writeWhole(path, bytes);
  return path;
}

function alexnetCache({ env = process.env, cacheDirectory = cacheFolder(env) }: FetchAlexnetOptions): string {
  return join(cacheDirectory, 'alexnet');
}

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CorruptDataError, MissingPartError } from '@pare/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MnistFileName } from './examples.ts';
import { generateDigits } from './generated-digits.ts';
import { formatIdx } from './idx.ts';
import { type LoadMnistOptions, loadMnist } from './mnist.ts';
import { MNIST_MIRRORS, type PinnedFile } from './mnist-files.ts';

// What stands for the real files here: 30 + 10 digits, with pins of their own.
const digits = generateDigits({ train: 30, test: 10, seed: 5 });
const shapes: Record<MnistFileName, readonly number[]> = {
  'train-images-idx3-ubyte': [30, 28, 28],
  'train-labels-idx1-ubyte': [30],
  't10k-images-idx3-ubyte': [10, 28, 28],
  't10k-labels-idx1-ubyte': [10],
};
const names = Object.keys(shapes) as MnistFileName[];
const files: PinnedFile[] = names.map((name) => ({ name, shape: shapes[name], sha256: digits.sha256[name] }));
const idx: Record<MnistFileName, Uint8Array> = {
  'train-images-idx3-ubyte': formatIdx({ shape: [30, 28, 28], values: digits.train.pixels }),
  'train-labels-idx1-ubyte': formatIdx({ shape: [30], values: digits.train.labels }),
  't10k-images-idx3-ubyte': formatIdx({ shape: [10, 28, 28], values: digits.test.pixels }),
  't10k-labels-idx1-ubyte': formatIdx({ shape: [10], values: digits.test.labels }),
};
const images = 'train-images-idx3-ubyte';

let folder: string;
let cacheDirectory: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pare-mnist-'));
  cacheDirectory = join(folder, 'cache');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const noFetch = async (): Promise<Response> => {
  throw new Error('no test reaches the network');
};
const load = (options: LoadMnistOptions = {}) =>
  loadMnist({
    env: {},
    fetch: noFetch,
    cacheDirectory,
    besideDirectory: false,
    files,
    generated: { train: 5, test: 5, seed: 1 },
    ...options,
  });

async function put(where: string, change: Partial<Record<MnistFileName, Uint8Array>> = {}): Promise<void> {
  await mkdir(join(where, 'mnist'), { recursive: true });
  for (const name of names) await writeFile(join(where, 'mnist', `${name}.gz`), change[name] ?? gzipSync(idx[name]));
}

describe('PARE_DATA', () => {
  test('is read, gzipped or plain', async () => {
    await put(folder);
    await rm(join(folder, 'mnist', `${images}.gz`));
    await writeFile(join(folder, 'mnist', images), idx[images]);
    const mnist = await load({ env: { PARE_DATA: folder } });
    expect(mnist).toMatchObject({ source: 'real', note: 'MNIST, from the folder named by PARE_DATA' });
    expect(mnist.sha256).toEqual(digits.sha256);
    expect(mnist.train).toEqual(digits.train);
    expect(mnist.test).toEqual(digits.test);
  });

  test('without a file is an error that names variable, path, and remedy', async () => {
    await put(folder);
    const path = join(folder, 'mnist', 't10k-labels-idx1-ubyte.gz');
    await rm(path);
    const failure = load({ env: { PARE_DATA: folder } });
    await expect(failure).rejects.toBeInstanceOf(MissingPartError);
    await expect(failure).rejects.toThrow(/^PARE_DATA is ".*expected the four files.*or unset PARE_DATA/);
    await expect(failure).rejects.toThrow(path);
  });

  const otherIdx = idx[images].with(500, idx[images][500]! ^ 1);
  test.each([
    [
      'of another content',
      gzipSync(otherIdx),
      'checksum',
      /expected content of SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}/,
    ],
    ['cut short inside gzip', gzipSync(idx[images]).subarray(0, 900), 'truncated', /gzip: unexpected end of file/],
    ['cut short outside gzip', idx[images].subarray(0, 900), 'truncated', /expected 23536 bytes .* got 900/],
    ['with another magic', gzipSync(idx[images].with(2, 9)), 'magic', /expected idx magic/],
    ['with other dimensions', gzipSync(idx['t10k-images-idx3-ubyte']), 'shape', /30 × 28 × 28, got 10 × 28 × 28/],
    ['that unfolds into too much', gzipSync(new Uint8Array(1e6)), 'limit', /at most 23536 bytes/],
    ['that is too large', new Uint8Array(200_000), 'limit', /at most 89072 bytes, got 200000/],
    ['that is empty', new Uint8Array(0), 'truncated', /4-byte magic/],
  ])('with a file %s is a CorruptDataError', async (_, bytes, code, message) => {
    await put(folder, { [images]: bytes });
    const error = await load({ env: { PARE_DATA: folder } }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(CorruptDataError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    const { message: whole } = error as Error;
    expect(whole).toMatch(/^corrupt data at byte \d+: PARE_DATA: "/);
    expect(whole).toContain(join(folder, 'mnist', `${images}.gz`));
    expect(whole).toMatch(/replace it by the original file, or unset PARE_DATA/);
  });

  test('with a folder in place of a file is a CorruptDataError', async () => {
    await put(folder);
    await rm(join(folder, 'mnist', `${images}.gz`));
    await mkdir(join(folder, 'mnist', `${images}.gz`));
    await expect(load({ env: { PARE_DATA: folder } })).rejects.toMatchObject({ code: 'kind' });
  });

  test('is not looked beyond: the cache does not make up for it', async () => {
    await put(cacheDirectory);
    await expect(load({ env: { PARE_DATA: join(folder, 'elsewhere') } })).rejects.toBeInstanceOf(MissingPartError);
  });
});

describe('the data folder beside the repository', () => {
  test('is used when it holds all four files, and passed over otherwise', async () => {
    const besideDirectory = join(folder, 'data');
    await put(besideDirectory);
    expect((await load({ besideDirectory, offline: true })).note).toBe(
      'MNIST, from the data folder beside the repository',
    );
    await rm(join(besideDirectory, 'mnist', 't10k-images-idx3-ubyte.gz'));
    expect((await load({ besideDirectory, offline: true })).source).toBe('generated');
  });

  test('damaged is an error', async () => {
    await put(folder, { [images]: gzipSync(idx[images]).subarray(0, 900) });
    await expect(load({ besideDirectory: folder })).rejects.toThrow(
      /at byte 900: ".*or remove it to have it downloaded$/,
    );
  });
});

describe('the cache', () => {
  test('is used without asking the network', async () => {
    await put(cacheDirectory);
    expect(await load()).toMatchObject({ source: 'real', note: 'MNIST, from the cache' });
  });

  test('is found where the environment says: XDG_CACHE_HOME if absolute, else ~/.cache', async () => {
    const { cacheDirectory: _, ...rest } = {
      cacheDirectory,
      env: {},
      fetch: noFetch,
      besideDirectory: false,
      files,
    } as const;
    const find = (env: Record<string, string>) =>
      loadMnist({ ...rest, env, offline: true, generated: { train: 1, test: 1, seed: 1 } });
    await put(join(folder, 'xdg', 'pare'));
    await put(join(folder, 'home', '.cache', 'pare'));
    expect((await find({ XDG_CACHE_HOME: join(folder, 'xdg') })).source).toBe('real');
    expect((await find({ XDG_CACHE_HOME: 'relative', HOME: join(folder, 'home') })).source).toBe('real');
    expect((await find({ XDG_CACHE_HOME: join(folder, 'empty'), HOME: join(folder, 'home') })).source).toBe(
      'generated',
    );
  });

  test('damaged and offline: the file is deleted and the note says so', async () => {
    await put(cacheDirectory, { [images]: new Uint8Array(3) });
    const { source, note } = await load({ env: { PARE_OFFLINE: '1' } });
    expect(source).toBe('generated');
    expect(note).toMatch(
      /^generated digits, not MNIST; seed 1; .*PARE_OFFLINE forbids.*in the cache was damaged and deleted$/,
    );
    expect(await readdir(join(cacheDirectory, 'mnist'))).not.toContain(`${images}.gz`);
  });
});

describe('downloading', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });
  async function serve(listener: RequestListener): Promise<{ readonly PARE_DATA_URL: string }> {
    server = createServer(listener);
    await new Promise<void>((ready) => server!.listen(0, '127.0.0.1', ready));
    return { PARE_DATA_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/digits/` };
  }
  const nameIn = (url: string | undefined): MnistFileName => url!.replace(/^.*\/|\.gz$/g, '') as MnistFileName;
  const good: RequestListener = (request, response) => void response.end(gzipSync(idx[nameIn(request.url)]));

  test('fetches once, checks, keeps, and reports progress', async () => {
    const asked: string[] = [];
    const env = await serve((request, response) => {
      asked.push(request.url!);
      const bytes = gzipSync(idx[nameIn(request.url)]);
      response.setHeader('content-length', bytes.length).end(bytes);
    });
    const progress: string[] = [];
    const fetched = await load({
      env,
      fetch,
      onProgress: ({ file, receivedBytes, totalBytes }) => progress.push(`${file} ${receivedBytes} ${totalBytes}`),
    });
    expect(fetched).toMatchObject({ source: 'real', note: 'MNIST, from PARE_DATA_URL' });
    expect(fetched.train).toEqual(digits.train);
    expect(asked).toEqual(names.map((name) => `/digits/${name}.gz`));
    const size = gzipSync(idx[images]).length;
    expect(progress).toContain(`${images} ${size} ${size}`);
    expect(await readdir(join(cacheDirectory, 'mnist'))).toEqual(names.map((name) => `${name}.gz`).sort());
    expect((await load({ env })).note).toBe('MNIST, from the cache');
  });

  test('follows redirects and accepts files unpacked on the way, which are kept plain', async () => {
    const env = await serve((request, response) => {
      if (request.url!.startsWith('/digits/')) {
        response.writeHead(302, { location: request.url!.replace('/digits/', '/moved/') }).end();
      } else {
        response.setHeader('content-encoding', 'gzip'); // fetch unpacks what is so marked
        good(request, response);
      }
    });
    expect((await load({ env, fetch })).source).toBe('real');
    expect(await readdir(join(cacheDirectory, 'mnist'))).toEqual([...names].sort());
    expect((await load()).note).toBe('MNIST, from the cache');
  });

  test('a damaged file in the cache is fetched again, the others are not', async () => {
    await put(cacheDirectory, { [images]: gzipSync(idx[images]).subarray(0, 900) });
    const asked: string[] = [];
    const env = await serve((request, response) => {
      asked.push(nameIn(request.url));
      good(request, response);
    });
    const { source, note } = await load({ env, fetch });
    expect(source).toBe('real');
    expect(note).toBe(`MNIST, from PARE_DATA_URL and the cache; ${images} in the cache was damaged and deleted`);
    expect(asked).toEqual([images]);
    expect([...(await readFile(join(cacheDirectory, 'mnist', `${images}.gz`)))]).toEqual([...gzipSync(idx[images])]);
  });

  const failing: [string, RequestListener, RegExp][] = [
    ['answers 404', (_, response) => void response.writeHead(404).end('no'), /PARE_DATA_URL: HTTP status 404/],
    [
      'stops in the middle',
      (request, response) => {
        const bytes = gzipSync(idx[nameIn(request.url)]);
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, 100), () => response.destroy());
      },
      /PARE_DATA_URL: (UND_ERR_SOCKET|ECONNRESET|terminated|other side closed)/,
    ],
    [
      'ends too early',
      (request, response) => void response.end(gzipSync(idx[nameIn(request.url)]).subarray(0, 100)),
      /gzip: unexpected end of file/,
    ],
    ['never answers', () => {}, /nothing received for 60 ms/],
    ['falls silent', (_, response) => void response.writeHead(200).write('x'), /nothing received for 60 ms/],
    ['sends a web page', (_, response) => void response.end('<!doctype html>sign in'), /expected idx magic/],
    ['sends other digits', (_, response) => void response.end(gzipSync(idx[images].with(99, 255))), /SHA-256/],
    [
      'announces too much',
      (_, response) => void response.writeHead(200, { 'content-length': 1e9 }).write('x'),
      /more than/,
    ],
    ['sends too much', (_, response) => void response.end(new Uint8Array(500_000)), /more than 89072 bytes/],
  ];
  test.each(failing)('from a server that %s leads to generated digits', async (_, listener, why) => {
    const env = await serve(listener);
    const timeoutMs = why.source.startsWith('nothing received') ? 60 : 10_000; // the others answer, on a busy machine late
    const { source, note, train } = await load({ env, fetch, timeoutMs });
    expect(source).toBe('generated');
    expect(note).toMatch(/^generated digits, not MNIST; seed 1; train-images-idx3-ubyte: PARE_DATA_URL: /);
    expect(note).toMatch(why);
    expect(note).not.toContain('127.0.0.1');
    expect(train.count).toBe(5);
    expect(await readdir(folder)).toEqual([]);
  });

  test('a server that fails at the last file leads to generated digits altogether; what came is kept', async () => {
    const env = await serve((request, response) => {
      if (request.url!.includes('t10k-labels')) response.writeHead(500).end();
      else good(request, response);
    });
    expect((await load({ env, fetch })).source).toBe('generated');
    expect(await readdir(join(cacheDirectory, 'mnist'))).toHaveLength(3);
  });

  test('a cache that cannot be written costs nothing but the next download', async () => {
    await writeFile(cacheDirectory, 'a file where the folder should be');
    const { source, note } = await load({ env: await serve(good), fetch });
    expect(source).toBe('real');
    expect(note).toMatch(
      /^MNIST, from PARE_DATA_URL; the download could not be kept in the cache \((ENOTDIR|EEXIST)\)$/,
    );
    expect(await readdir(folder)).toEqual(['cache']);
  });

  test('asks the public mirrors in turn, each file from the first that has it', async () => {
    const asked: string[] = [];
    const mirrors: typeof fetch = async (url) => {
      asked.push(String(url));
      if (String(url).startsWith(MNIST_MIRRORS[0]!))
        throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) });
      return new Response(new Uint8Array(gzipSync(idx[nameIn(String(url))])));
    };
    expect((await load({ fetch: mirrors })).note).toBe(`MNIST, from ${new URL(MNIST_MIRRORS[1]!).host}`);
    expect(asked).toEqual(names.flatMap((name) => MNIST_MIRRORS.map((base) => `${base}/${name}.gz`)));
  });

  test('no network at all: the note says what each mirror answered', async () => {
    const { source, note } = await load();
    expect(source).toBe('generated');
    for (const mirror of MNIST_MIRRORS) expect(note).toContain(`${new URL(mirror).host}: no test reaches the network`);
  });

  test('is not tried offline', async () => {
    const never: typeof fetch = async () => expect.unreachable();
    expect((await load({ fetch: never, env: { PARE_OFFLINE: '1' } })).note).toContain(
      'PARE_OFFLINE forbids to download it',
    );
    expect((await load({ fetch: never, offline: true })).note).toContain('downloading was not allowed');
  });

  test('can be stopped, which is an error and no reason to generate', async () => {
    const stop = new AbortController();
    const env = await serve(() => stop.abort(new Error('enough')));
    await expect(load({ env, fetch, signal: stop.signal })).rejects.toThrow('enough');
    await expect(load({ env: { PARE_DATA: folder }, signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
  });

  test('an error of the caller’s in onProgress is not taken for one of the network', async () => {
    const onProgress = () => {
      throw new Error('mine');
    };
    await expect(load({ env: await serve(good), fetch, onProgress })).rejects.toThrow('mine');
  });

  test('an address that is none is the caller’s mistake', async () => {
    for (const PARE_DATA_URL of ['digits', 'file:///digits']) {
      await expect(load({ env: { PARE_DATA_URL } })).rejects.toThrow(
        '"PARE_DATA_URL" expected an http or https address',
      );
    }
  });
});

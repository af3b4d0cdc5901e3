import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeWhole } from '@pare/cli/whole-file';
import { CorruptDataError, MissingPartError } from '@pare/core';
import { cacheFolder, isOffline } from './cache-folder.ts';
import { BESIDE } from './data-folder.ts';
import { download } from './download.ts';
import type { Examples, MnistData, MnistFileName } from './examples.ts';
import { generateDigits } from './generated-digits.ts';
import { gunzipIfGzip, isGzip } from './gunzip.ts';
import { parseIdx } from './idx.ts';
import { MNIST_FILES, MNIST_MIRRORS, type PinnedFile } from './mnist-files.ts';

export type { MnistData, MnistFileName } from './examples.ts';

export interface LoadMnistOptions {
  /** Where `PARE_DATA`, `PARE_DATA_URL`, `PARE_OFFLINE`, `XDG_CACHE_HOME` and `HOME` are looked up; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** Holds `mnist/` with what was downloaded; default `pare` in `XDG_CACHE_HOME`, else in `~/.cache`. */
  readonly cacheDirectory?: string;
  /** Looked into before the cache; default `../shared/data` seen from the root of the repository; `false` for none. */
  readonly besideDirectory?: string | false;
  /** Called while downloading; `totalBytes` is unknown when the server does not say it. */
  readonly onProgress?: (progress: MnistProgress) => void;
  readonly signal?: AbortSignal;
  /** Never download; default: whether `PARE_OFFLINE` is set to something other than `0`. */
  readonly offline?: boolean;
  /** The longest silence of a server, in milliseconds; default 15 000. */
  readonly timeoutMs?: number;
  /** How many digits to draw when there is no real data; default as many as MNIST has, seed 1. */
  readonly generated?: { readonly train: number; readonly test: number; readonly seed?: number };
  /** What counts as real data; tests give small files. Default `MNIST_FILES`. */
  readonly files?: readonly PinnedFile[];
}

export interface MnistProgress {
  readonly file: MnistFileName;
  readonly receivedBytes: number;
  readonly totalBytes: number | undefined;
}

/**
 * Finds MNIST, or draws digits in its place and says so.
 *
 * Looks into the folder named by `PARE_DATA` (and then nowhere else), the data folder beside the repository, the cache;
 * then downloads from `PARE_DATA_URL` (the folder that holds the four files) or the public mirrors into the cache. Each
 * file may be gzipped or plain, and counts only if its content has the pinned SHA-256. A damaged file in the cache is
 * deleted and fetched again; one in a folder of the user's is an error. Real and generated data are never mixed.
 *
 * @throws MissingPartError if `PARE_DATA` is set and a file is not there
 * @throws CorruptDataError if a file in `PARE_DATA` or beside the repository is not what it should be
 * @throws TypeError if `PARE_DATA_URL` is needed and is no http address
 * @throws the reason of `signal` once that is aborted
 */
export async function loadMnist(options: LoadMnistOptions = {}): Promise<MnistData> {
  const { env = process.env, files = MNIST_FILES, signal } = options;
  signal?.throwIfAborted();
  if (env.PARE_DATA) {
    return realData(await readNamed(env.PARE_DATA, files, signal), files, 'MNIST, from the folder named by PARE_DATA');
  }
  const { besideDirectory = BESIDE } = options;
  if (besideDirectory !== false) {
    const found = await readBeside(besideDirectory, files, signal);
    if (found) return realData(found, files, 'MNIST, from the data folder beside the repository');
  }
  const { contents, note } = await readCacheOrDownload(options, files);
  if (contents) return realData(contents, files, note);
  const digits = generateDigits(options.generated ?? { train: 60_000, test: 10_000 });
  return { ...digits, note: `${digits.note}; ${note}` };
}

/** The elements of each idx file, header removed. */
type Contents = ReadonlyMap<MnistFileName, Uint8Array>;

function realData(contents: Contents, files: readonly PinnedFile[], note: string): MnistData {
  const examples = (set: 'train' | 't10k'): Examples => {
    const labels = contents.get(`${set}-labels-idx1-ubyte`)!;
    return { pixels: contents.get(`${set}-images-idx3-ubyte`)!, labels, count: labels.length, shape: [1, 28, 28] };
  };
  const sha256 = Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256])) as MnistData['sha256'];
  return { train: examples('train'), test: examples('t10k'), source: 'real', sha256, note };
}

/** What the user named must be there and whole; falling back silently would measure something they did not ask for. */
async function readNamed(folder: string, files: readonly PinnedFile[], signal?: AbortSignal): Promise<Contents> {
  const contents = new Map<MnistFileName, Uint8Array>();
  for (const file of files) {
    const path = resolve(folder, 'mnist', `${file.name}.gz`);
    const content = await readEither(path, file, signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw blame(error, 'PARE_DATA: ', 'or unset PARE_DATA to have it found or downloaded');
    });
    if (!content) {
      throw new MissingPartError(
        'no-data',
        file.name,
        `PARE_DATA is "${folder}", but there is no "${path}" (nor without .gz): expected the four files of MNIST in its ` +
          'folder mnist; put them there, or unset PARE_DATA to have them found or downloaded',
      );
    }
    contents.set(file.name, content);
  }
  return contents;
}

/** All four or none: an incomplete folder is no data set. */
async function readBeside(
  folder: string,
  files: readonly PinnedFile[],
  signal?: AbortSignal,
): Promise<Contents | undefined> {
  const contents = new Map<MnistFileName, Uint8Array>();
  for (const file of files) {
    const content = await readEither(join(folder, 'mnist', `${file.name}.gz`), file, signal).catch((error: unknown) => {
      if (error instanceof CorruptDataError) throw blame(error, '', 'or remove it to have it downloaded');
      signal?.throwIfAborted();
      return undefined; // a folder we may not read, and were not told to
    });
    if (!content) return undefined;
    contents.set(file.name, content);
  }
  return contents;
}

/** The cache, completed by downloads. Without `contents`, `note` says why there are none. */
async function readCacheOrDownload(
  options: LoadMnistOptions,
  files: readonly PinnedFile[],
): Promise<{ readonly contents?: Contents; readonly note: string }> {
  const { env = process.env, signal, offline = isOffline(env) } = options;
  const folder = join(options.cacheDirectory ?? cacheFolder(env), 'mnist');
  const contents = new Map<MnistFileName, Uint8Array>();
  const origins = new Set<string>();
  const remarks = new Set<string>();
  for (const file of files) {
    const path = join(folder, `${file.name}.gz`);
    let content = await readCached(path, file, remarks, signal);
    if (content) {
      origins.add('the cache');
    } else if (offline) {
      const why = options.offline === undefined ? 'PARE_OFFLINE forbids to download it' : 'downloading was not allowed';
      return { note: joined(`${file.name} is neither in a local folder nor in the cache, and ${why}`, remarks) };
    } else {
      const fetched = await downloadAny(file, options);
      if ('failures' in fetched) return { note: joined(`${file.name}: ${fetched.failures.join('; ')}`, remarks) };
      ({ content } = fetched);
      origins.add(fetched.origin);
      // The data is here and good; a disk that is full or read-only costs the next run a download, not this one its data.
      try {
        writeWhole(isGzip(fetched.bytes) ? path : plain(path), fetched.bytes);
      } catch (error) {
        remarks.add(`the download could not be kept in the cache (${codeOf(error)})`);
      }
    }
    contents.set(file.name, content);
  }
  return { contents, note: joined(`MNIST, from ${[...origins].join(' and ')}`, remarks) };
}

const joined = (why: string, remarks: ReadonlySet<string>): string => [why, ...remarks].join('; ');

/** What is damaged here is our own doing, so we mend it: delete, and let the caller fetch again. */
async function readCached(
  path: string,
  file: PinnedFile,
  remarks: Set<string>,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  for (const candidate of [path, plain(path)]) {
    try {
      const content = await readPinned(candidate, file, signal);
      if (content) return content;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof CorruptDataError) {
        const outcome = await rm(candidate, { force: true }).then(
          () => 'and deleted',
          (failure: unknown) => `and could not be deleted (${codeOf(failure)})`,
        );
        remarks.add(`${file.name} in the cache was damaged ${outcome}`);
      } else {
        remarks.add(`the cache could not be read (${codeOf(error)})`);
      }
    }
  }
  return undefined;
}

type Download =
  | { readonly bytes: Uint8Array; readonly content: Uint8Array; readonly origin: string }
  | { readonly failures: readonly string[] };

async function downloadAny(file: PinnedFile, options: LoadMnistOptions): Promise<Download> {
  const { env = process.env, fetch = globalThis.fetch, signal, timeoutMs = 15_000, onProgress } = options;
  const failures: string[] = [];
  for (const { base, origin } of placesToAsk(env.PARE_DATA_URL)) {
    try {
      const bytes = await download(`${base}/${file.name}.gz`, {
        fetch,
        signal,
        timeoutMs,
        limitBytes: limitOf(file),
        onBytes: (receivedBytes, totalBytes) => onProgress?.({ file: file.name, receivedBytes, totalBytes }),
      });
      return { bytes, content: await checkPinned(bytes, file), origin };
    } catch (error) {
      if (!(error instanceof MissingPartError || error instanceof CorruptDataError)) throw error;
      failures.push(`${origin}: ${error.message}`);
    }
  }
  return { failures };
}

/** An address of the user's is not repeated in notes: they end in reports, and it may hold a name or a password. */
function placesToAsk(url: string | undefined): readonly { readonly base: string; readonly origin: string }[] {
  if (!url) return MNIST_MIRRORS.map((base) => ({ base, origin: new URL(base).host }));
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError(`loadMnist: "PARE_DATA_URL" expected an http or https address of a folder, got "${url}"`);
  }
  return [{ base: url.replace(/\/+$/, ''), origin: 'PARE_DATA_URL' }];
}

/** The gzipped file or the plain one beside it; undefined if neither is there. */
async function readEither(path: string, file: PinnedFile, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  return (await readPinned(path, file, signal)) ?? (await readPinned(plain(path), file, signal));
}

/** The checked content of a file; undefined if it is not there. */
async function readPinned(path: string, file: PinnedFile, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  signal?.throwIfAborted();
  // Asked before opening: to open a pipe is to wait for its writer.
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!found) return undefined;
  try {
    if (!found.isFile()) throw new CorruptDataError('kind', 0, 'expected a file');
    if (found.size > limitOf(file)) {
      throw new CorruptDataError('limit', limitOf(file), `expected at most ${limitOf(file)} bytes, got ${found.size}`);
    }
    const { buffer, byteOffset, byteLength } = await readFile(path, { signal });
    return await checkPinned(new Uint8Array(buffer, byteOffset, byteLength), file);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof CorruptDataError)) throw error;
    throw new CorruptDataError(error.code, error.byte, `"${path}": ${withoutPlace(error)}`, { cause: error });
  }
}

/** Decompresses, reads the header (for a message one can act upon), and compares the content with its pin. */
async function checkPinned(bytes: Uint8Array, { shape, sha256 }: PinnedFile): Promise<Uint8Array> {
  const idx = await gunzipIfGzip(bytes, sizeBytesOf(shape));
  const { shape: found, values } = parseIdx(idx);
  if (found.join() !== shape.join()) {
    throw new CorruptDataError('shape', 4, `expected dimensions ${shape.join(' × ')}, got ${found.join(' × ')}`);
  }
  const hash = createHash('sha256').update(idx).digest('hex');
  if (hash !== sha256) {
    throw new CorruptDataError('checksum', 0, `expected content of SHA-256 ${sha256}, got ${hash}`);
  }
  return values;
}

const sizeBytesOf = (shape: readonly number[]): number =>
  shape.reduce((product, length) => product * length, 1) + 4 + 4 * shape.length;

/** Gzip makes nothing larger by more than 5 bytes in 16 kB and a header; 64 kB covers that with a file name and a comment. */
const limitOf = ({ shape }: PinnedFile): number => sizeBytesOf(shape) + 65_536;

/** Says whose file it is and what to do about it. */
function blame(error: unknown, whose: string, otherwise: string): unknown {
  if (error instanceof CorruptDataError) {
    const message = `${whose}${withoutPlace(error)}; replace it by the original file, ${otherwise}`;
    return new CorruptDataError(error.code, error.byte, message, { cause: error });
  }
  if (codeOf(error) === undefined) return error;
  return new MissingPartError(
    'no-data',
    'mnist',
    `${whose}${(error as Error).message}; expected a readable file, ${otherwise}`,
    {
      cause: error,
    },
  );
}

/** The message without the "corrupt data at byte …: " that its wrapping will repeat. */
const withoutPlace = (error: CorruptDataError): string => error.message.replace(/^corrupt data at byte \d+: /, '');

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

const plain = (path: string): string => path.replace(/\.gz$/, '');

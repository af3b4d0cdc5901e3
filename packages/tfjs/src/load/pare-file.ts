import { CorruptDataError, type Decoder, type Parametrization, type Weight } from '@pare/core';
import { decodeStream, type Header } from '@pare/format/decode';
import { wasmDecoders } from '@pare/format/wasm';
import { toModelArtifacts } from '@pare/interop/tfjs';
import type { io } from '@tensorflow/tfjs-core';
import { cacheOf, type PareCache } from './cache.ts';
import { onDisk } from './disk.ts';
import { nameOf, openSource, type PareSource } from './source.ts';

export interface LoadProgress {
  /** 0 … 1; 0 until the size of the file is known. */
  readonly fraction: number;
  /** Bytes that have arrived. */
  readonly loadedBytes: number;
  /** Size of the file: from its header, or before that from the server if it tells. */
  readonly totalBytes?: number;
}

export interface PareFileOptions {
  /** Called whenever bytes have arrived or weights are decoded, at the end with fraction 1. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Once aborted, loading ends at once with its reason. */
  readonly signal?: AbortSignal;
  /**
   * Where files from a url are kept for the next time: `true` or a name for the browser's Cache API under `'pare'` or that
   * name, or a cache of your own, such as a Map. A file is kept by its url, for good: give a changed model another url.
   * Default none: what the browser's HTTP cache does is often enough.
   */
  readonly cache?: boolean | string | PareCache;
  /** Used instead of the global `fetch`, and in Node of the disk: to add headers, for example. */
  readonly fetch?: typeof fetch;
  /** Decoders beside those of `@pare/format`, from plugins; default none. */
  readonly decoders?: readonly Decoder[];
  /** For forms of plugins; default none. */
  readonly parametrizations?: readonly Parametrization[];
}

/** An IO handler of tfjs. */
export interface PareFile extends io.IOHandler {
  load(): Promise<io.ModelArtifacts>;
  /** What the file says beside the numbers: layers, labels, how inputs are to be prepared. Undefined until it is loaded. */
  readonly header: Header | undefined;
}

/**
 * Makes a `.pare` file what `tf.loadLayersModel` and `tf.loadGraphModel` load from.
 *
 * A model that came from tfjs has its own topology; another one's layers are made a layers model, if tfjs can express them.
 * Weights are decoded while the file arrives.
 *
 * @param source - a url, a File or Blob, a Response, or bytes; in Node also a path, or a `file:` url
 * @throws MissingPartError, when loading, if there is no such file, or a plugin's decoder is needed
 * @throws CorruptDataError, when loading, if it is no `.pare` file, or damaged
 * @throws RangeError, when loading, if the layers of tfjs cannot express a layer
 * @example
 * // const net = await tf.loadGraphModel(pareFile('model.pare', { onProgress: ({ fraction }) => bar.value = fraction }));
 */
export function pareFile(source: PareSource, options: PareFileOptions = {}): PareFile {
  let header: Header | undefined;
  return {
    get header() {
      return header;
    },
    async load() {
      const read = await readCached(source, options);
      header = read.header;
      const { name, layers, topology } = read.header;
      const model = { ...(name !== undefined && { name }), layers, topology, weights: read.weights, history: [] };
      const artifacts = toModelArtifacts(model, options.parametrizations);
      // A border to tfjs: it wants arrays that it could write to, and dtypes as a union; they were checked.
      return artifacts as unknown as io.ModelArtifacts;
    },
  };
}

interface ReadFile {
  readonly header: Header;
  readonly weights: readonly Weight[];
}

async function readCached(source: PareSource, options: PareFileOptions): Promise<ReadFile> {
  const isRemote = (typeof source === 'string' || source instanceof URL) && !onDisk(source, options.fetch);
  const cache = isRemote ? cacheOf(options.cache) : undefined;
  const key = String(source);
  const kept = cache && (await orNothing(() => cache.get(key)));
  if (kept) {
    try {
      return await readFile(kept, options);
    } catch (error) {
      // What was kept may be damaged, or of another version: then the file itself decides.
      if (!(error instanceof CorruptDataError)) throw error;
      await orNothing(() => cache.delete(key));
    }
  }
  const chunks: Uint8Array[] = [];
  const read = await readFile(source, options, cache && ((chunk) => chunks.push(chunk)));
  if (cache) {
    const bytes = new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
    await orNothing(() => cache.set(key, bytes));
  }
  return read;
}

/** What a cache gives; nothing where it fails, being full or forbidden: that costs a download, and not this visit its model. */
async function orNothing<T>(ask: () => T): Promise<Awaited<T> | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}

async function readFile(
  source: PareSource,
  { onProgress, signal, fetch: fetchFile, decoders = [], parametrizations = [] }: PareFileOptions,
  onChunk?: (chunk: Uint8Array) => void,
): Promise<ReadFile> {
  const { chunks, total } = await openSource(source, fetchFile, signal);
  async function* observed(): AsyncGenerator<Uint8Array, void, undefined> {
    let first = true;
    for await (const chunk of chunks) {
      if (first) expectPare(chunk, source);
      first = false;
      onChunk?.(chunk);
      yield chunk;
    }
  }
  const parts = decodeStream(observed(), {
    decoders: [...decoders, ...wasmDecoders],
    dense: parametrizations.length === 0, // a form of a plugin is its parametrization's to make dense
    ...(signal && { signal }),
    onProgress({ bytes, totalBytes = total }) {
      const fraction = totalBytes ? Math.min(bytes / totalBytes, 1) : 0;
      onProgress?.({ fraction, loadedBytes: bytes, ...(totalBytes !== undefined && { totalBytes }) });
    },
  });
  let header: Header | undefined;
  const weights: Weight[] = [];
  for await (const part of parts) {
    if (part.kind === 'header') header = part.header;
    else weights.push(part.weight);
  }
  return { header: header!, weights };
}

/** What is found instead of a file, and what may have gone wrong. */
const OTHERS: readonly (readonly [start: string, what: string])[] = [
  ['<', 'an HTML page: is the path right, and does the server not answer every path with its start page?'],
  ['{', 'JSON: for a model.json of tfjs, pass its url to tfjs itself, or compress it first'],
  ['version https://git-lfs', 'a pointer of Git LFS: the file itself was not checked out'],
  ['\x1f\x8b', 'compressed with gzip: the server must say so in Content-Encoding, or send it as it is'],
  ['PK', 'a zip archive'],
];

function expectPare(chunk: Uint8Array, source: PareSource): void {
  const start = String.fromCharCode(...chunk.subarray(0, 24));
  if ('PARE'.startsWith(start.slice(0, 4))) return;
  const other = OTHERS.find(([beginning]) => start.trimStart().startsWith(beginning));
  throw new CorruptDataError(
    'not-a-pare-file',
    0,
    `${nameOf(source)} is no .pare file${other ? `, but ${other[1]}` : `: it begins with ${JSON.stringify(start.slice(0, 8))}`}`,
  );
}

import { MissingPartError } from '@pare/core';
import { onDisk } from './disk.ts';

/** Where a file comes from: a url, in Node also a path, a file that the user chose, a response, or bytes. */
export type PareSource = string | URL | Blob | Response | Uint8Array | ArrayBuffer;

/** A file that arrives in pieces. */
export interface Arriving {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Its size in bytes, if that is known. */
  readonly total: number | undefined;
}

/** For messages. */
export function nameOf(source: PareSource): string {
  if (typeof source === 'string' || source instanceof URL) return `"${source}"`;
  if (source instanceof Response) return source.url ? `"${source.url}"` : 'the response';
  if (source instanceof Blob) return 'name' in source ? `"${source.name}"` : 'the blob';
  return 'the bytes';
}

/**
 * Begins to read a file.
 *
 * @param fetchFile - gets whatever is a url; default the global `fetch`, beside the disk that Node has
 * @throws MissingPartError if there is none: the server cannot be reached, or says so; the file cannot be read
 * @throws the signal's reason once it is aborted
 */
export async function openSource(
  source: PareSource,
  fetchFile: typeof fetch | undefined,
  signal: AbortSignal | undefined,
): Promise<Arriving> {
  signal?.throwIfAborted();
  if (source instanceof Uint8Array) return allOf(source);
  if (source instanceof ArrayBuffer) return allOf(new Uint8Array(source));
  if (source instanceof Blob) return { chunks: chunksOf(source.stream(), signal), total: source.size };
  const read = onDisk(source, fetchFile);
  if (read) return allOf(await attempt(() => read(signal), source, 'it cannot be read', signal));
  const response =
    source instanceof Response
      ? source
      : await attempt(
          () => (fetchFile ?? fetch)(source, signal ? { signal } : {}),
          source,
          'the request failed',
          signal,
        );
  if (!response.ok) {
    const { status, statusText, body } = response;
    if (!response.bodyUsed) body?.cancel().catch(() => {}); // else the connection stays open until somebody collects the response
    throw absent(source, `the server answered ${status}${statusText ? ` ${statusText}` : ''}`);
  }
  if (response.bodyUsed || !response.body) throw absent(source, 'its response has no body, or it was read before');
  const { headers, body } = response;
  // The length of what is compressed on the way is not that of the file.
  const length = headers.get('content-encoding') ? 0 : Number(headers.get('content-length'));
  return { chunks: chunksOf(body, signal), total: length > 0 ? length : undefined };
}

/** What goes wrong means that there is no file, unless it was the signal. */
async function attempt<T>(
  get: () => Promise<T>,
  source: PareSource,
  what: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await get();
  } catch (cause) {
    signal?.throwIfAborted();
    throw absent(source, `${what}: ${(cause as Error).message}`, cause);
  }
}

const absent = (source: PareSource, why: string, cause?: unknown): MissingPartError =>
  new MissingPartError('no-file', String(source), `pareFile: there is no model at ${nameOf(source)}: ${why}`, {
    cause,
  });

const allOf = (bytes: Uint8Array): Arriving => ({ chunks: once(bytes), total: bytes.length });

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** Does not wait for a server that has fallen silent once the signal is aborted. */
async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
  });
  aborted.catch(() => {}); // it is waited for only while a chunk is
  signal?.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await Promise.race([reader.read(), aborted]);
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    reader.cancel().catch(() => {}); // whoever stops early wants no more; one that has ended does not mind
  }
}

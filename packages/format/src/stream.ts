import type { Weight } from '@pare/core';
import { corrupt } from './corrupt.ts';
import { endOf, type FileStart, readStart } from './file-layout.ts';
import type { Header } from './header.ts';
import { type DecodeModelOptions, decodeBlock } from './read.ts';

/** What comes out of a stream: first the header, then each weight. */
export type StreamPart =
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'weight'; readonly weight: Weight };

/** How far a file has arrived. */
export interface StreamProgress {
  /** Bytes that have arrived. */
  readonly bytes: number;
  /** Bytes of the file; known once its header is there. */
  readonly totalBytes?: number;
  /** Weights that have been decoded. */
  readonly weights: number;
}

export interface DecodeStreamOptions extends DecodeModelOptions {
  /** Ends the reading: its reason is thrown, and the source is told that no more is wanted. */
  readonly signal?: AbortSignal;
  /** Hears of every chunk that arrives and of every block of weights that is decoded. */
  readonly onProgress?: (progress: StreamProgress) => void;
}

/** The bytes of a file in pieces of any size: the `body` of a `Response`, a Node stream, a list. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>;

/**
 * Reads a file while it arrives: yields the header as soon as it is complete, then each weight with its block. The first
 * layers can run while the last ones are on their way.
 *
 * @throws CorruptDataError, MissingPartError as `decodeModel` does, when it gets there
 * @example
 * const parts = [];
 * for await (const part of decodeStream([encodeModel({ layers: [], weights: [], history: [] })])) parts.push(part.kind);
 * parts // ['header']
 */
export async function* decodeStream(
  chunks: Chunks,
  options: DecodeStreamOptions = {},
): AsyncGenerator<StreamPart, void, undefined> {
  const { signal, onProgress, limits } = options;
  const source = sourceOf(chunks);
  const arrived = new Arrived();
  let start: FileStart | undefined;
  let weights = 0;
  const report = (): void => {
    const total = start && { totalBytes: endOf(start) };
    onProgress?.({ bytes: arrived.end, ...total, weights });
  };
  const more = async (): Promise<boolean> => {
    const { done, value } = await unlessAborted(source.next(), signal);
    if (done) return false;
    arrived.add(value);
    report();
    return true;
  };
  const arrivedUpTo = async (end: number): Promise<void> => {
    while (arrived.end < end) if (!(await more())) corrupt('truncated', arrived.end, 'the file ends early');
  };

  try {
    signal?.throwIfAborted();
    // Each try costs little until the header is complete, and headers are small.
    while (!(start = readStart(arrived.from(0), limits))) await arrivedUpTo(arrived.end + 1);
    report();
    yield { kind: 'header', header: start.header };
    for (const block of start.blocks) {
      await arrivedUpTo(block.next);
      const decoded = decodeBlock(arrived.from(block.start), block, block.start, options);
      arrived.forget(block.next);
      weights += decoded.length;
      report();
      for (const weight of decoded) yield { kind: 'weight', weight };
      signal?.throwIfAborted();
    }
    const end = endOf(start);
    while (arrived.end === end && (await more()));
    if (arrived.end > end) corrupt('trailing-data', end, 'there is more data than expected');
  } finally {
    const closing = source.close();
    // A source that hangs need not be waited for by someone who has given up.
    if (!signal?.aborted) await closing;
  }
}

/** Bytes that have arrived and are not yet used up. */
class Arrived {
  /** Offset in the file of the first byte that is kept. */
  #start = 0;
  #chunks: Uint8Array[] = [];
  /** Offset in the file up to which bytes have arrived. */
  end = 0;

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.end += chunk.length;
  }

  /** All bytes from an offset on, as one piece. */
  from(offset: number): Uint8Array {
    if (this.#chunks.length !== 1) {
      const joined = new Uint8Array(this.end - this.#start);
      let size = 0;
      for (const chunk of this.#chunks) {
        joined.set(chunk, size);
        size += chunk.length;
      }
      this.#chunks = [joined];
    }
    return this.#chunks[0]!.subarray(offset - this.#start);
  }

  forget(end: number): void {
    this.#chunks = [this.from(end)];
    this.#start = end;
  }
}

interface Source {
  next(): Promise<IteratorResult<Uint8Array, unknown>>;
  /** Tells where the bytes come from that no more are wanted. */
  close(): Promise<unknown>;
}

function sourceOf(chunks: Chunks): Source {
  // Not all browsers can iterate over a ReadableStream, and a reader can be cancelled while it waits.
  if ('getReader' in chunks) {
    const reader = chunks.getReader();
    return {
      next: () => reader.read() as Promise<IteratorResult<Uint8Array, unknown>>,
      close: () => reader.cancel().catch(() => {}),
    };
  }
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  return { next: async () => iterator.next(), close: async () => iterator.return?.() };
}

/** The result of a promise, unless a signal comes first: then its reason is thrown. */
async function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

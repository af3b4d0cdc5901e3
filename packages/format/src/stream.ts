import { CorruptDataError, type Weight } from '@pare/core';
import { expectChecksum, readStart } from './file-layout.ts';
import type { Header } from './header-walk.ts';
import { type DecodeModelOptions, decodeBlock } from './read.ts';

/** What comes out of a stream: first the header, then each weight. */
export type StreamPart =
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'weight'; readonly weight: Weight };

/**
 * Reads a file while it arrives: yields the header as soon as it is complete, then each weight with its record. The first
 * layers can run while the last ones are on their way.
 *
 * @param chunks - the file in pieces of any size, for example the `body` of a `Response`
 * @throws CorruptDataError, MissingPartError as `decodeModel` does, when it gets there
 * @example
 * const parts = [];
 * for await (const part of decodeStream([encodeModel({ layers: [], weights: [], history: [] })])) parts.push(part.kind);
 * parts // ['header']
 */
export async function* decodeStream(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>,
  options: DecodeModelOptions = {},
): AsyncGenerator<StreamPart, void, undefined> {
  const arrived = new Arrived(iterate(chunks));
  try {
    yield* parts(arrived, options);
  } finally {
    await arrived.close();
  }
}

async function* parts(arrived: Arrived, options: DecodeModelOptions): AsyncGenerator<StreamPart, void, undefined> {
  // Each try costs little until the header is complete, and headers are small.
  let start = readStart(arrived.bytes, options.limits);
  while (!start) {
    if (!(await arrived.more())) throw new CorruptDataError('truncated', arrived.end, 'the file ends early');
    start = readStart(arrived.bytes, options.limits);
  }
  yield { kind: 'header', header: start.header };
  let end = start.end;
  for (const block of start.blocks) {
    while (arrived.end < block.next) {
      if (!(await arrived.more())) throw new CorruptDataError('truncated', arrived.end, 'the file ends early');
    }
    const bytes = arrived.from(block.start, block.next);
    expectChecksum(bytes, 0, block.end - block.start);
    for (const weight of decodeBlock(bytes, block, block.start, options)) yield { kind: 'weight', weight };
    arrived.forget(block.next);
    end = block.next;
  }
  while (arrived.end === end && (await arrived.more()));
  if (arrived.end > end) throw new CorruptDataError('trailing-data', end, 'there is more data than expected');
}

/** Bytes that have arrived and are not yet used up. */
class Arrived {
  bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  readonly #chunks: AsyncGenerator<Uint8Array, void, undefined>;
  #waiting: Uint8Array[] = [];
  #waitingSize = 0;

  constructor(chunks: AsyncGenerator<Uint8Array, void, undefined>) {
    this.#chunks = chunks;
  }

  /** Offset in the file up to which bytes have arrived. */
  get end(): number {
    return this.#start + this.bytes.length + this.#waitingSize;
  }

  /** Waits for a chunk; false if there are no more. Before anything is used, it is joined at once. */
  async more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#waiting.push(value);
    this.#waitingSize += value.length;
    if (this.#start === 0) this.#join();
    return true;
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return();
  }

  from(start: number, end: number): Uint8Array {
    this.#join();
    return this.bytes.subarray(start - this.#start, end - this.#start);
  }

  forget(end: number): void {
    this.#join();
    this.bytes = this.bytes.slice(end - this.#start);
    this.#start = end;
  }

  #join(): void {
    if (this.#waiting.length === 0) return;
    const joined = new Uint8Array(this.bytes.length + this.#waitingSize);
    joined.set(this.bytes);
    let size = this.bytes.length;
    for (const chunk of this.#waiting) {
      joined.set(chunk, size);
      size += chunk.length;
    }
    this.bytes = joined;
    this.#waiting = [];
    this.#waitingSize = 0;
  }
}

/** Not all browsers can iterate over a ReadableStream. */
async function* iterate(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!('getReader' in chunks)) {
    yield* chunks;
    return;
  }
  const reader = chunks.getReader();
  try {
    for (let result = await reader.read(); !result.done; result = await reader.read()) yield result.value;
  } finally {
    // Whoever stops early wants no more.
    await reader.cancel().catch(() => {});
  }
}

import { MissingPartError, type Weight } from '@pare/core';
import { corrupt } from './corrupt.ts';
import { endOf, type FileStart, readStart } from './file-layout.ts';
import type { Header } from './header.ts';
import { type DecodeModelOptions, decodeBlock } from './read.ts';

/** Reads bytes[start…end) of a file; fewer only where the file ends. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

/** A file of which only the header has been read. */
export interface RangedFile {
  readonly header: Header;
  /** Size of the whole file. */
  readonly bytes: number;
  /**
   * Reads one weight: its block alone, which is verified as a whole. Neighbours that came with it are kept for the next call.
   *
   * @throws RangeError if there is no weight of that name
   * @throws CorruptDataError, MissingPartError as `decodeModel` does
   */
  weight(name: string): Promise<Weight>;
}

/** Enough for the headers of most networks without topology. */
const FIRST_BYTES = 4096;

/**
 * Opens a file whose parts are read when they are wanted, by HTTP range requests or from a disk.
 *
 * @throws CorruptDataError if it is no `.pare` file, or its header is damaged or over the limits
 * @example
 * const file = encodeModel({ name: 'nothing', layers: [], weights: [], history: [] });
 * (await openRanges(async (start, end) => file.subarray(start, end))).header.name // 'nothing'
 */
export async function openRanges(read: ReadRange, options: DecodeModelOptions = {}): Promise<RangedFile> {
  let head = await read(0, FIRST_BYTES);
  let start: FileStart | undefined;
  while (!(start = readStart(head, options.limits))) {
    // The header's size is among the first bytes; doubling finds its end in a few steps, whatever it is.
    const more = await read(head.length, head.length * 2);
    if (more.length === 0) corrupt('truncated', head.length, 'the file ends early');
    head = joined(head, more);
  }
  const { header, blocks } = start;
  const blockOf = new Map(
    blocks.flatMap((block) =>
      block.records.flatMap(({ weights }) => weights.map(({ name }) => [name, block] as const)),
    ),
  );
  let latest: { readonly block: unknown; readonly weights: Promise<Weight[]> } | undefined;
  return {
    header,
    bytes: endOf(start),
    async weight(name) {
      const block = blockOf.get(name);
      if (!block) throw new RangeError(`openRanges: "name" expected one of the weights of the file, got "${name}"`);
      if (latest?.block !== block) {
        const weights = (async () => {
          const bytes =
            block.next <= head.length ? head.subarray(block.start, block.next) : await read(block.start, block.next);
          if (bytes.length < block.next - block.start)
            corrupt('truncated', block.start + bytes.length, 'the file ends early');
          return decodeBlock(bytes, block, block.start, options);
        })();
        latest = { block, weights };
        weights.catch(() => (latest = undefined)); // the next call tries again
      }
      return (await latest.weights).find((weight) => weight.name === name)!;
    },
  };
}

export interface HttpRangesOptions {
  /** Default the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  /** Ends all requests. */
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Reads ranges of a file on a web server. Of a server that does not know ranges the whole file is read, once.
 *
 * @throws MissingPartError, from the reader, if the server says no or sends another range than was asked for
 */
export function httpRanges(url: string | URL, options: HttpRangesOptions = {}): ReadRange {
  const { fetch = globalThis.fetch, signal, headers = {} } = options;
  let whole: Uint8Array | undefined;
  return async (start, end) => {
    if (whole) return whole.subarray(start, end);
    const response = await fetch(url, {
      headers: { ...headers, range: `bytes=${start}-${end - 1}` },
      ...(signal && { signal }),
    });
    if (response.status === 416) return new Uint8Array(0); // the file ends before `start`
    if (!response.ok) {
      throw new MissingPartError(
        'http-status',
        String(url),
        `${url}: the server answers ${response.status} ${response.statusText}`.trimEnd(),
      );
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.status !== 206) {
      whole = bytes;
      return whole.subarray(start, end);
    }
    // Across origins the header is hidden unless the server exposes it.
    const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
    if ((range && Number(range[1]) !== start) || bytes.length > end - start) {
      throw new MissingPartError(
        'http-range',
        String(url),
        `${url}: asked for bytes from ${start}, got "${response.headers.get('content-range')}"`,
      );
    }
    return bytes;
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

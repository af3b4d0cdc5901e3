import { MissingPartError } from '@pare/core';

export interface DownloadOptions {
  readonly fetch: typeof globalThis.fetch;
  /** More bytes than this are refused. */
  readonly limitBytes: number;
  /** The longest silence borne, in milliseconds. */
  readonly timeoutMs: number;
  /** The longest the whole may take, in milliseconds; default 40 silences. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after each piece; the total is unknown when the server does not say it. */
  readonly onBytes?: (receivedBytes: number, totalBytes: number | undefined) => void;
}

/**
 * Fetches a file into memory: in bounded time, bounded size, all of it or nothing.
 *
 * @throws MissingPartError with code `'no-download'` for whatever the network or the server did
 * @throws the reason of `signal` if that is what ended it
 */
export async function download(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const { fetch, limitBytes, timeoutMs, deadlineMs = SILENCES * timeoutMs, signal, onBytes } = options;
  signal?.throwIfAborted();
  // AbortSignal.any and .timeout would be shorter, but Node 20 may collect such a signal before it fires.
  const controller = new AbortController();
  const stop = () => controller.abort(signal?.reason);
  const expire = () => controller.abort(new Error(`nothing received for ${timeoutMs} ms`));
  signal?.addEventListener('abort', stop, { once: true });
  let silence = setTimeout(expire, timeoutMs);
  const deadline = setTimeout(() => controller.abort(new Error(`not complete after ${deadlineMs} ms`)), deadlineMs);
  const network = <T>(what: Promise<T>): Promise<T> =>
    what.catch((cause: unknown) => {
      signal?.throwIfAborted();
      const known = controller.signal.aborted ? controller.signal.reason : cause;
      throw new MissingPartError('no-download', url, reasonOf(known), { cause });
    });
  try {
    const response = await network(fetch(url, { signal: controller.signal, redirect: 'follow' }));
    const refuse = (why: string) => new MissingPartError('no-download', url, why);
    if (!response.ok) throw refuse(`HTTP status ${response.status}`);
    if (!response.body) throw refuse('an answer without content');
    // A length announced for a compressed transfer (content-encoding) is that of other bytes than those we shall see.
    const announced = Number(response.headers.get('content-length') ?? Number.NaN);
    const totalBytes = announced > 0 && !response.headers.has('content-encoding') ? announced : undefined;
    if (totalBytes !== undefined && totalBytes > limitBytes) throw refuse(`more than ${limitBytes} bytes`);
    const reader = response.body.getReader();
    const pieces: Uint8Array[] = [];
    let receivedBytes = 0;
    for (;;) {
      const { done, value } = await network(reader.read());
      if (done) break;
      clearTimeout(silence);
      silence = setTimeout(expire, timeoutMs);
      receivedBytes += value.length;
      if (receivedBytes > limitBytes) throw refuse(`more than ${limitBytes} bytes`);
      pieces.push(value);
      onBytes?.(receivedBytes, totalBytes);
    }
    return concatenate(pieces, receivedBytes);
  } finally {
    clearTimeout(silence);
    clearTimeout(deadline);
    signal?.removeEventListener('abort', stop);
    controller.abort(); // lets go of a body that was not read to its end
  }
}

/** A server that sends a byte now and then would never be silent: 40 × 15 s = 10 minutes for 10 MB. */
const SILENCES = 40;

/** fetch says "fetch failed"; what failed is in its cause, as a system code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}

function concatenate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

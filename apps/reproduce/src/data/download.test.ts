import { MissingPartError } from '@pare/core';
import { expect, test } from 'vitest';
import { type DownloadOptions, download } from './download.ts';

// Real servers are asked in mnist.test.ts; here is what is awkward to bring about with one.
const get = (body: ReadableStream<Uint8Array>, options: Partial<DownloadOptions> = {}) =>
  download('http://localhost/file', {
    fetch: async (_, init) => {
      init?.signal?.addEventListener('abort', () => void body.cancel().catch(() => {}));
      return new Response(body);
    },
    limitBytes: 1000,
    timeoutMs: 10_000,
    ...options,
  });

/** Sends each piece when the one before was taken. */
const pieces = (...sizes: number[]) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = sizes.shift();
      if (size === undefined) controller.close();
      else controller.enqueue(new Uint8Array(size).fill(size));
    },
  });

test('joins the pieces and counts them', async () => {
  const counts: unknown[] = [];
  const bytes = await get(pieces(2, 1, 3), { onBytes: (received, total) => counts.push([received, total]) });
  expect(bytes).toEqual(Uint8Array.of(2, 2, 1, 3, 3, 3));
  expect(counts).toEqual([
    [2, undefined],
    [3, undefined],
    [6, undefined],
  ]);
});

test('a body that is exactly as long as allowed is allowed, one byte more is not', async () => {
  expect(await get(pieces(600, 400))).toHaveLength(1000);
  await expect(get(pieces(600, 401))).rejects.toThrow('more than 1000 bytes');
});

test('a server that drips without end is left at the deadline', async () => {
  let drip: NodeJS.Timeout | undefined;
  let error: ((reason: unknown) => void) | undefined;
  const fetch: typeof globalThis.fetch = async (_, init) => {
    init?.signal?.addEventListener('abort', () => error?.(init.signal?.reason));
    return new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          error = (reason) => controller.error(reason);
          drip = setInterval(() => controller.enqueue(Uint8Array.of(1)), 5);
        },
      }),
    );
  };
  try {
    const failure = get(pieces(), { fetch, deadlineMs: 50 });
    await expect(failure).rejects.toThrow('not complete after 50 ms');
    await expect(failure).rejects.toBeInstanceOf(MissingPartError);
  } finally {
    clearInterval(drip);
  }
});

test('an answer without a body, or an error page, is no file', async () => {
  await expect(get(pieces(), { fetch: async () => new Response(null) })).rejects.toThrow('an answer without content');
  await expect(get(pieces(), { fetch: async () => new Response('gone', { status: 410 }) })).rejects.toThrow(
    'HTTP status 410',
  );
});

test('an aborted signal stops before anything is asked', async () => {
  const fetch = () => expect.unreachable();
  await expect(get(pieces(), { fetch, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
});

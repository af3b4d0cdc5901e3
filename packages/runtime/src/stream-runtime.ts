import { type Chunks, type DecodeStreamOptions, decodeStream } from '@pare/format/decode';
import { type OpenedRuntime, openRuntime, type Runtime, type RuntimeOptions } from './runtime.ts';

export interface StreamRuntimeOptions extends RuntimeOptions, Pick<DecodeStreamOptions, 'signal' | 'onProgress'> {}

/** A runtime whose file is still arriving. */
export interface StreamedRuntime extends Runtime {
  /** Done when all weights are there; rejected with what went wrong on the way, or once the runtime is disposed of before. */
  readonly loaded: Promise<void>;
}

/**
 * Makes a network ready to run while its file arrives. As soon as the header is there the network is checked and its memory
 * planned; a `run` computes each layer as soon as its weights are there, so that the first layers run while the last are on their way.
 *
 * @param chunks - the bytes of a `.pare` file: the `body` of a `Response`, a Node stream, a list
 * @returns once the header is there
 * @throws as `createRuntime` if the header shows that the network cannot be run; later errors end `loaded` and each `run`.
 *   Either way the source is told that no more is wanted
 * @example
 * // const runtime = await streamRuntime((await fetch('squeezenet.pare')).body, { decoders: wasmDecoders });
 * // const answers = await runtime.run(imageData);
 */
export async function streamRuntime(chunks: Chunks, options: StreamRuntimeOptions = {}): Promise<StreamedRuntime> {
  const { decoders, limits, signal, onProgress } = options;
  const stop = new AbortController(); // ends the download when the caller's signal does, or when it is of no use any longer
  const abort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  const parts = decodeStream(chunks, {
    ...(decoders && { decoders }),
    ...(limits && { limits }),
    signal: stop.signal,
    ...(onProgress && { onProgress }),
  });
  try {
    const first = await parts.next();
    if (first.done || first.value.kind !== 'header') throw new Error('bug: streamRuntime: a stream without a header');
    const { header } = first.value;
    const opened = openRuntime(header, header.weights, options);
    const loaded = addAll(opened, parts).finally(() => signal?.removeEventListener('abort', abort));
    loaded.catch(() => {}); // who runs hears of it, and who waits for `loaded`
    const { dispose } = opened.runtime;
    return Object.assign(opened.runtime, {
      loaded,
      dispose() {
        dispose();
        stop.abort(new Error('streamRuntime: the runtime has been disposed of while its file arrived'));
      },
    });
  } catch (error) {
    signal?.removeEventListener('abort', abort);
    stop.abort(error);
    await parts.return();
    throw error;
  }
}

async function addAll({ add, complete, fail }: OpenedRuntime, parts: ReturnType<typeof decodeStream>): Promise<void> {
  try {
    for await (const part of parts) if (part.kind === 'weight') add(part.weight);
    complete();
  } catch (error) {
    fail(error);
    throw error;
  }
}

import type { Decoder } from '@pare/core';
import { decodeHuffman } from '@pare/huffman/wasm';
import { decodeRans } from '@pare/rans/wasm';
import { adaptiveWith } from './codecs/adaptive-decode.ts';
import { plainHuffman } from './codecs/plain-coders.ts';
import { type DenseDecoder, streamsWith } from './codecs/streams-decode.ts';
import type { TracingDecoder } from './contract.ts';
import { wasmDecoder } from './wasm-coder.ts';

/**
 * `streams` with its entropy coders in WebAssembly, which decode two to four times as fast; in JavaScript where a page does not
 * allow it.
 *
 * @example
 * streamsWasm.decode(denseStreams.encode({ kind: 'dense', values: Float32Array.of(1, -2) }, [2]), [2]) // { kind: 'dense', values: Float32Array [1, -2] }
 */
export const streamsWasm: DenseDecoder = /* @__PURE__ */ streamsWith({
  // It takes no more symbols than 2²⁷; what says more of itself is for the one that reads or refuses anything.
  huffman: (bytes, count, alphabet, out) =>
    (count > 2 ** 27 ? plainHuffman : decodeHuffman)(bytes, count, alphabet, out),
  rans: decodeRans,
});

/**
 * `adaptive` with its arithmetic decoder and models in WebAssembly; in JavaScript where a page does not allow it.
 *
 * @example
 * adaptiveWasm.decode(denseAdaptive.encode({ kind: 'dense', values: Float32Array.of(1, -2) }, [2]), [2]) // { kind: 'dense', values: Float32Array [1, -2] }
 */
export const adaptiveWasm: TracingDecoder = /* @__PURE__ */ adaptiveWith(wasmDecoder);

/** All decoders of this package, in their fastest form: `decodeModel(bytes, { decoders: wasmDecoders })`. */
export const wasmDecoders: readonly Decoder[] = [streamsWasm, adaptiveWasm];

import { decodeHuffman } from '@pare/huffman/decode';
import { decodeRans } from '@pare/rans/decode';
import { type DenseDecoder, streamsWith } from './streams-decode.ts';

/**
 * Decodes what the streams encoders wrote, whatever the form, in plain JavaScript.
 *
 * @throws CorruptDataError if the bytes are no such record
 * @example
 * streams.decode(denseStreams.encode({ kind: 'dense', values: Float32Array.of(1, -2) }, [2]), [2]) // { kind: 'dense', values: Float32Array [1, -2] }
 */
export const streams: DenseDecoder = /* @__PURE__ */ streamsWith({ huffman: decodeHuffman, rans: decodeRans });

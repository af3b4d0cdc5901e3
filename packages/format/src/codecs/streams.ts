import { plainHuffman, plainRans } from './plain-coders.ts';
import { type DenseDecoder, streamsWith } from './streams-decode.ts';

/**
 * Decodes what the streams encoders wrote, whatever the form, with the smallest entropy coders; `@pare/format/wasm` has fast ones.
 *
 * @throws CorruptDataError if the bytes are no such record
 * @example
 * streams.decode(denseStreams.encode({ kind: 'dense', values: Float32Array.of(1, -2) }, [2]), [2]) // { kind: 'dense', values: Float32Array [1, -2] }
 */
export const streams: DenseDecoder = /* @__PURE__ */ streamsWith({ huffman: plainHuffman, rans: plainRans });

export { canonicalShared } from './canonical-codebook.ts';
export { denseAdaptive, maskedAdaptive, sharedAdaptive } from './codecs/adaptive-encode.ts';
export { denseRaw } from './codecs/dense-raw-encode.ts';
export { maskedHuffman, sharedHuffman } from './codecs/huffman-encode.ts';
export type { FormOfShape, GroupEncoder } from './contract.ts';
export * from './decode.ts';
export { toFloat16 } from './float-bits.ts';
export { type RelativeIndex, toGaps } from './relative-index.ts';
export { builtinEncoders, type EncodeModelOptions, encodeModel } from './write.ts';

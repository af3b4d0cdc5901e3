export { adaptive } from './codecs/adaptive-decode.ts';
export { denseRawDecoder } from './codecs/dense-raw.ts';
export { maskedHuffmanDecoder, sharedHuffmanDecoder } from './codecs/huffman-decode.ts';
export type { DecodeOptions, Trace, TracingDecoder } from './contract.ts';
export { describeFile, type FileDescription, type FilePart, type WeightDescription } from './describe.ts';
export type { Limits } from './file-layout.ts';
export type { Header, RecordEntry, WeightEntry } from './header-walk.ts';
export { builtinDecoders, type DecodeModelOptions, decodeModel, type PareModel } from './read.ts';
export { decodeStream, type StreamPart } from './stream.ts';

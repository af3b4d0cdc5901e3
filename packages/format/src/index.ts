export { canonicalShared } from './canonical-codebook.ts';
export { adaptive } from './codecs/adaptive-decode.ts';
export { denseAdaptive, maskedAdaptive, sharedAdaptive } from './codecs/adaptive-encode.ts';
export { type Coding, encodersFor, MOST_ADAPTIVE } from './codecs/encoders.ts';
export { streams } from './codecs/streams.ts';
export {
  denseHuffman,
  denseStreams,
  maskedHuffman,
  maskedStreams,
  sharedHuffman,
  sharedStreams,
} from './codecs/streams-encode.ts';
export { commonStep } from './common-step.ts';
export type {
  DecodeOptions,
  FormOfShape,
  GroupEncoder,
  Trace,
  TracingDecoder,
} from './contract.ts';
export type { FileDescription, FilePart, WeightDescription } from './describe.ts';
export { builtinDecoders, decodeModel, decodeStream, describeFile, openRanges } from './everything.ts';
export type { Limits } from './file-layout.ts';
export { toFloat16 } from './float-bits.ts';
export type { Header, HeaderExtras, RecordEntry, WeightEntry } from './header.ts';
export { type HttpRangesOptions, httpRanges, type RangedFile, type ReadRange } from './ranges.ts';
export type { DecodeModelOptions, PareModel } from './read.ts';
export { toGaps } from './relative-index.ts';
export type { Chunks, DecodeStreamOptions, StreamPart, StreamProgress } from './stream.ts';
export { followsTrellis } from './trellis.ts';
export { type EncodeModelOptions, encodeModel } from './write.ts';

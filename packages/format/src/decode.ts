export { streams } from './codecs/streams.ts';
export type { DecodeOptions, Trace, TracingDecoder } from './contract.ts';
export type { Limits } from './file-layout.ts';
export type { Header, HeaderExtras, RecordEntry, WeightEntry } from './header.ts';
export { type DecodeModelOptions, decodeModel, type PareModel } from './read.ts';
export { type Chunks, type DecodeStreamOptions, decodeStream, type StreamPart, type StreamProgress } from './stream.ts';

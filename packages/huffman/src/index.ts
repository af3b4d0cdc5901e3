export { type CodeLengthOptions, codeLengths } from './code-lengths.ts';
export * from './decode.ts';
export { encodeHuffman } from './encode.ts';
export type { HuffmanOptions } from './prefix-code.ts';
export { huffmanSize } from './size.ts';

import type { Encoder } from '@pare/core';
import { denseAdaptive, maskedAdaptive, sharedAdaptive } from './adaptive-encode.ts';
import {
  denseHuffman,
  denseStreams,
  maskedHuffman,
  maskedStreams,
  sharedHuffman,
  sharedStreams,
} from './streams-encode.ts';

/**
 * What a file is made for: to be as small as can be; to be read in the least time, in any browser, with the smallest decoder; or
 * to show what Huffman codes alone do, as in the papers.
 */
export type Coding = 'small' | 'fast' | 'huffman';

const streams: readonly Encoder[] = [sharedStreams, maskedStreams, denseStreams];

/** The encoders to try for each {@link Coding}. */
export const encodersFor: Readonly<Record<Coding, readonly Encoder[]>> = {
  small: [sharedAdaptive, maskedAdaptive, denseAdaptive, ...streams],
  fast: streams,
  huffman: [sharedHuffman, maskedHuffman, denseHuffman],
};

/** Above so many numbers in a weight `adaptive@1` is not tried: it would take a second to decode, or more. */
export const MOST_ADAPTIVE: number = 4 * 2 ** 20;

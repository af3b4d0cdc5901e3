import type { Decoder, Form, Shape } from '@pare/core';
import { describeCodec, formsOf } from '@pare/testkit';
import { expect } from 'vitest';
import { canonicalShared } from '../canonical-codebook.ts';
import type { TracingDecoder } from '../contract.ts';
import { streams } from './streams.ts';
import {
  denseHuffman,
  denseStreams,
  maskedHuffman,
  maskedStreams,
  sharedHuffman,
  sharedStreams,
} from './streams-encode.ts';

// A shared form comes back with its codebook sorted and trimmed; one that is so already comes back exactly.
const canonical = formsOf('shared').map(({ form, shape }) => ({ form: canonicalShared(form), shape }));

// The decoder takes forms of all kinds; here it is told which one it gets.
const streamsOf = <F extends Form>(): Decoder<F> => streams as TracingDecoder as Decoder<F>;

const anyKind = { runs: 30, check: checkLengths };
describeCodec('streams@1, shared', { encoder: sharedStreams, decoder: streamsOf() }, { ...anyKind, forms: canonical });
describeCodec('streams@1, masked', { encoder: maskedStreams, decoder: streamsOf() }, anyKind);
describeCodec('streams@1, dense', { encoder: denseStreams, decoder: streamsOf() }, anyKind);
describeCodec(
  'streams@1, shared, Huffman',
  { encoder: sharedHuffman, decoder: streamsOf() },
  { ...anyKind, forms: canonical },
);
describeCodec('streams@1, masked, Huffman', { encoder: maskedHuffman, decoder: streamsOf() }, anyKind);
describeCodec('streams@1, dense, Huffman', { encoder: denseHuffman, decoder: streamsOf() }, anyKind);

/** A damaged record may decode as another kind, of the right shape all the same. */
function checkLengths(form: object, shape: Shape): void {
  const count = shape.reduce((product, extent) => product * extent, 1);
  for (const [field, numbers] of Object.entries(form)) {
    if (field !== 'codebook' && field !== 'kind') expect(numbers).toHaveLength(count);
  }
}

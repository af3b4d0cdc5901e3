import { decodeModel, encodeModel } from '@pare/format';
import { describeCodec } from '@pare/testkit';
import { expect, test } from 'vitest';
import { decoder, encoder } from './index.ts';

// What everyone relies on: decode ∘ encode is exact; whatever is cut or flipped ends in a typed error or a form of the right shape.
describeCodec('my-thing', { encoder, decoder });

test('takes a bit a place and four bytes a kept number', () => {
  const form = { kind: 'masked', values: Float32Array.of(0, 2, 0), mask: Uint8Array.of(0, 1, 0) } as const;
  expect(encoder.encode(form, [3])).toHaveLength(1 + 4);
});

test('writes and reads a .pare file', () => {
  const form = { kind: 'masked', values: Float32Array.of(0, 2), mask: Uint8Array.of(0, 1) } as const;
  const model = { layers: [], weights: [{ name: 'w', shape: [2], form }], history: [] };
  const file = encodeModel(model, { encoders: [encoder] });
  expect(decodeModel(file, { decoders: [decoder] }).weights).toEqual(model.weights);
});

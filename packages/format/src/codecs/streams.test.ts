import {
  type Decoder,
  type Dense,
  type Encoder,
  type Form,
  type Masked,
  type Shape,
  type Shared,
  seededRandom,
} from '@pare/core';
import { denseValues, describeCodec, formsOf } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { sharedForm } from '../../test/_models.ts';
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

const random = seededRandom(5);
const shape = [40, 75];
const count = 3000;
/** Sizes by stream of a record of one weight. */
function streamsOfRecord(bytes: Uint8Array): Record<string, number> {
  const sizes: Record<string, number> = {};
  streams.decode(bytes, shape, { trace: (stream, bits) => (sizes[stream] = (sizes[stream] ?? 0) + bits / 8) });
  return sizes;
}

describe('what an encoder chooses', () => {
  const streamNames = (form: Shared): string[] => Object.keys(streamsOfRecord(sharedStreams.encode(form, shape)));

  test('no places where nothing is pruned', () => {
    expect(streamNames(sharedForm(random, shape, 1, 16))).toEqual(['codebook', 'symbols', 'parameters']);
    expect(streamNames(sharedForm(random, shape, 0.02, 16))).toContain('places');
  });

  test('the bits of a trace are those of the record', () => {
    const bytes = sharedStreams.encode(sharedForm(random, shape, 0.2, 16), shape);
    const traced = Object.values(streamsOfRecord(bytes)).reduce((sum, size) => sum + size, 0);
    expect(traced).toBeCloseTo(bytes.length, 6);
  });

  test('a codebook for floats of which there are few', () => {
    const few: Dense = { kind: 'dense', values: Float32Array.from({ length: count }, () => random.integer(8) / 3) };
    const bytes = denseStreams.encode(few, shape);
    expect(bytes.length).toBeLessThan((3 * count) / 8 + 60);
    expect(streams.decode(bytes, shape)).toEqual(few);
    const asMask: Masked = {
      ...few,
      kind: 'masked',
      mask: Uint8Array.from(few.values, (value) => (value === 0 ? 0 : 1)),
    };
    expect(streams.decode(maskedStreams.encode(asMask, shape), shape)).toEqual(asMask);
  });

  test('only the bytes that bfloat16 and float16 have', () => {
    const values = Float32Array.from({ length: count }, () => random.normal());
    const sizeOf = (cut: number): number => {
      const bits = new Uint32Array(values.slice().buffer).map((word) => (word >>> cut) << cut);
      return denseStreams.encode({ kind: 'dense', values: new Float32Array(bits.buffer) }, shape).length / count;
    };
    expect(sizeOf(0)).toBeLessThan(3.45);
    expect(sizeOf(16)).toBeLessThan(1.45); // bfloat16
    expect(sizeOf(13)).toBeLessThan(1.85); // 10 bits of mantissa
  });

  test('levels for multiples of a step', () => {
    const form = canonicalShared({
      ...sharedForm(random, shape, 0.5, 100),
      codebook: Float32Array.from({ length: 100 }, (_, i) => (i - 50.5) * 0.25),
    });
    expect(streamsOfRecord(sharedStreams.encode(form, shape)).codebook).toBeLessThan(20);
  });
});

describe('several weights in one record', () => {
  const items = [0.1, 0.1, 0.1, 0.4].map((density) => ({
    form: canonicalShared(sharedForm(random, shape, density, 16)),
    shape,
  }));
  const shapes = items.map(() => shape);
  const together = sharedStreams.encodeGroup(items);

  test('come back, and share tables where that is smaller', () => {
    expect(streams.decodeGroup(together, shapes)).toEqual(items.map(({ form }) => form));
    const apart = items.reduce((sum, { form }) => sum + sharedStreams.encode(form, shape).length, 0);
    expect(together.length).toBeLessThan(apart);
  });

  test('of different kinds as well', () => {
    const dense: Dense = { kind: 'dense', values: Float32Array.from({ length: 20 }, () => random.normal()) };
    const mixed = [items[0]!, { form: dense, shape: [20] }, items[3]!, { form: { ...dense }, shape: [4, 5] }];
    const forms = streams.decodeGroup(
      denseStreams.encodeGroup(mixed),
      mixed.map((item) => item.shape),
    );
    expect(forms).toEqual(mixed.map(({ form }) => form));
  });

  test('survive truncation and flipped bits', () => {
    for (let size = 0; size < together.length; size += 3) {
      expect(() => streams.decodeGroup(together.subarray(0, size), shapes)).toThrow(
        expect.objectContaining({ name: 'CorruptDataError' }),
      );
    }
    for (let bit = 0; bit < 8 * together.length; bit += 11) {
      const flipped = together.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      try {
        expect(streams.decodeGroup(flipped, shapes)).toHaveLength(shapes.length);
      } catch (error) {
        expect(error).toMatchObject({ name: 'CorruptDataError' });
      }
    }
  });
});

describe('straight to floats', () => {
  const dense: Dense = { kind: 'dense', values: Float32Array.from({ length: count }, () => random.normal()) };
  const mask = Uint8Array.from({ length: count }, () => (random.float() < 0.3 ? 1 : 0));
  const masked: Masked = { kind: 'masked', values: dense.values.map((value, i) => value * mask[i]! + 0), mask };
  const cases: [string, Form][] = [
    ['dense', dense],
    ['masked', masked],
    ['full', sharedForm(random, shape, 1, 16)],
    ['half full', sharedForm(random, shape, 0.5, 16)],
    ['sparse', sharedForm(random, shape, 0.03, 16)],
    ['empty', sharedForm(random, shape, 0, 16)],
    ['of more than 256 symbols', sharedForm(random, shape, 0.9, 1000)],
  ];
  test.each(cases)('%s: the numbers of the form, whatever was in the array', (_, form) => {
    const encoder = { dense: denseStreams, masked: maskedStreams, shared: sharedStreams }[form.kind];
    const bytes = (encoder as Encoder).encode(form, shape);
    const out = new Float32Array(count).fill(7);
    expect(streams.decodeDense(bytes, [shape], () => out)[0]).toBe(out);
    expect(out).toEqual(denseValues(form));
  });
});

test('a stream that claims more symbols than there are weights is refused before memory is taken', () => {
  // dense, everywhere, floats; m = 0; then a stream of method 0 with 2^20 symbols beyond those needed
  const bytes = Uint8Array.of(0, 0, 0x80, 0x80, 0xc0, 0x01);
  expect(() => streams.decode(bytes, [4])).toThrow('corrupt data');
});

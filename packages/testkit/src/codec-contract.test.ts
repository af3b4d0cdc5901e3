import { CorruptDataError, type Decoder, type Dense, type Encoder, elementCount, type Masked } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { brokenPromises } from './_broken.ts';
import { type CodecPair, codecContract, describeCodec } from './codec-contract.ts';

/** A codec that keeps its promises: float32 after float32. */
const encoder: Encoder<Dense> = {
  id: 'dense-plain@1',
  kind: 'dense',
  encode({ values }) {
    const bytes = new Uint8Array(4 * values.length);
    const view = new DataView(bytes.buffer);
    values.forEach((value, i) => {
      view.setFloat32(4 * i, value, true);
    });
    return bytes;
  },
};
const decoder: Decoder<Dense> = {
  id: 'dense-plain@1',
  decode(bytes, shape) {
    const length = elementCount(shape);
    if (bytes.length !== 4 * length) throw new CorruptDataError('length', 0, `expected ${4 * length} bytes`);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return { kind: 'dense', values: Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true)) };
  },
};

/** Another: mask bytes, then values. */
const maskedPair: CodecPair<Masked> = {
  encoder: {
    id: 'masked-plain@1',
    kind: 'masked',
    encode: ({ values, mask }, shape) => Uint8Array.of(...mask, ...encoder.encode({ kind: 'dense', values }, shape)),
  },
  decoder: {
    id: 'masked-plain@1',
    decode(bytes, shape) {
      const length = elementCount(shape);
      if (bytes.length !== 5 * length) throw new CorruptDataError('length', 0, `expected ${5 * length} bytes`);
      const mask = bytes.slice(0, length);
      const { values } = decoder.decode(bytes.subarray(length), shape);
      const wrong = mask.findIndex((bit, i) => bit > 1 || (bit === 0 && !Object.is(values[i], 0)));
      if (wrong >= 0) throw new CorruptDataError('mask', wrong, 'a pruned weight with a value');
      return { kind: 'masked', values, mask };
    },
  },
};

describeCodec('dense-plain', { encoder, decoder });
describeCodec('masked-plain', maskedPair);

describe('the codec contract notices a codec that', () => {
  const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const notices: readonly [string, CodecPair<Dense>, string][] = [
    [
      'loses the sign of zero',
      {
        encoder: {
          ...encoder,
          encode: (form, shape) => encoder.encode({ ...form, values: form.values.map((x) => x + 0) }, shape),
        },
        decoder,
      },
      'decodes what it encoded, to the bit',
    ],
    [
      'believes its bytes',
      {
        encoder,
        decoder: {
          ...decoder,
          decode: (bytes) => ({
            kind: 'dense',
            values: Float32Array.from({ length: bytes.length >> 2 }, (_, i) => viewOf(bytes).getFloat32(4 * i, true)),
          }),
        },
      },
      'survives every truncation',
    ],
    [
      'lets the RangeError of DataView out',
      {
        encoder,
        decoder: {
          ...decoder,
          decode: (bytes, shape) => ({
            kind: 'dense',
            values: Float32Array.from({ length: elementCount(shape) }, (_, i) => viewOf(bytes).getFloat32(4 * i, true)),
          }),
        },
      },
      'survives every truncation',
    ],
    [
      'reads the buffer instead of the view',
      {
        encoder,
        decoder: {
          ...decoder,
          decode: (bytes, shape) =>
            decoder.decode(
              bytes.buffer.byteLength < bytes.length ? bytes : new Uint8Array(bytes.buffer, 0, bytes.length),
              shape,
            ),
        },
      },
      'decodes from the middle of a larger buffer, at odd offsets',
    ],
    [
      'is moody about trailing bytes',
      {
        encoder,
        decoder: {
          ...decoder,
          decode(bytes, shape) {
            const length = 4 * elementCount(shape);
            return decoder.decode(bytes.length === length + 1 ? bytes.subarray(0, length) : bytes, shape);
          },
        },
      },
      'treats trailing bytes alike: always refused, or always ignored',
    ],
    [
      'adds chance to its bytes',
      {
        encoder: {
          ...encoder,
          encode: (form, shape) => Uint8Array.of(...encoder.encode(form, shape), 256 * Math.random()),
        },
        decoder: { ...decoder, decode: (bytes, shape) => decoder.decode(bytes.subarray(0, -1), shape) },
      },
      'makes the same bytes each time',
    ],
    [
      'writes to the form',
      {
        encoder: {
          ...encoder,
          encode(form, shape) {
            const bytes = encoder.encode(form, shape);
            form.values.sort();
            return bytes;
          },
        },
        decoder,
      },
      'leaves the form and the bytes untouched',
    ],
    [
      'has no version',
      { encoder: { ...encoder, id: 'dense' }, decoder },
      'has an id with a version, the same on both sides',
    ],
  ];
  test.each(notices)('%s', async (_, codec, sentence) => {
    expect(await brokenPromises(codecContract(codec, { runs: 30 }))).toContain(sentence);
  });

  test('lets a flipped bit make an impossible mask', async () => {
    const decode: Decoder<Masked>['decode'] = (bytes, shape) => {
      const length = elementCount(shape);
      if (bytes.length !== 5 * length) throw new CorruptDataError('length', 0, `expected ${5 * length} bytes`);
      return {
        kind: 'masked',
        mask: bytes.slice(0, length),
        values: decoder.decode(bytes.subarray(length), shape).values,
      };
    };
    const codec = { encoder: maskedPair.encoder, decoder: { id: 'masked-plain@1', decode } };
    expect(await brokenPromises(codecContract(codec, { runs: 30 }))).toContain('survives every flipped bit');
  });

  test('takes too long, by the clock it is given', async () => {
    let time = 0;
    const slow: Decoder<Dense> = {
      ...decoder,
      decode(bytes, shape) {
        time += bytes.length % 4 === 3 ? 30 : 1;
        return decoder.decode(bytes, shape);
      },
    };
    const forms = [{ shape: [2], form: { kind: 'dense', values: Float32Array.of(1, -0) } }] as const;
    const broken = (options: { now?: () => number; limitMs: number }) =>
      brokenPromises(codecContract({ encoder, decoder: slow }, { forms, ...options }));
    expect(await broken({ now: () => time, limitMs: 10 })).toContain('survives every truncation');
    expect(await broken({ now: () => time, limitMs: 30 })).toEqual([]);
    expect(await broken({ limitMs: 10 })).toEqual([]); // without a clock nothing is too long
  });
});

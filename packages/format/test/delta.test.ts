import { type Dense, type Model, seededRandom, type Weight } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { ArithmeticEncoder } from '../src/arithmetic-encode.ts';
import { codeBits, codeGamma } from '../src/bit-coder.ts';
import { COPY, DELTA_SIGNATURE } from '../src/delta/layout.ts';
import { crc32 } from '../src/delta/old-file.ts';
import { applyDelta, encodeDelta } from '../src/delta.ts';
import { encodeHeader } from '../src/header-encode.ts';
import { decodeModel, encodeModel } from '../src/index.ts';
import { join } from '../src/write.ts';
import { lenet5, sharedForm } from './_models.ts';

const bias = (name: string, count: number): Weight => {
  const random = seededRandom(2).fork(name);
  return {
    name,
    shape: [count],
    form: { kind: 'dense', values: Float32Array.from({ length: count }, () => random.normal()) },
  };
};

/** LeNet-5 without its largest layer, by weights alone. */
const network: Model = {
  layers: [],
  weights: [...lenet5(0.1).weights.filter(({ name }) => !name.startsWith('ip1')), bias('more', 100)],
  history: [],
};

const small: Model = { ...network, weights: network.weights.slice(0, 2) };

/** What a second training leaves: all codebooks and biases a little different, some connections of another value. */
function retrained(model: Model, share: number): Model {
  const random = seededRandom(3);
  const weights = model.weights.map((weight): Weight => {
    const { form } = weight;
    if (form.kind !== 'shared')
      return {
        ...weight,
        form: {
          kind: 'dense',
          values: (form as Dense).values.map((w) => w + 1e-3 * random.normal()),
        },
      };
    const codebook = form.codebook.map((w) => w + 1e-4 * random.float());
    const last = form.codebook.length - 1;
    const indices = form.indices.map((entry, i) =>
      form.mask[i] && random.float() < share
        ? Math.max(0, Math.min(last, entry + (random.float() < 0.5 ? 1 : -1)))
        : entry,
    );
    return { ...weight, form: { ...form, codebook, indices } };
  });
  return { ...model, weights };
}

test('a delta is small where few numbers changed, and brings the new file byte for byte', () => {
  const [old, next] = [encodeModel(network), encodeModel(retrained(network, 0.02))];
  const delta = encodeDelta(old, next);
  expect(applyDelta(old, delta)).toEqual(next);
  expect(delta.length).toBeLessThan(0.3 * next.length);
});

test('nothing changed: some bytes', () => {
  const old = encodeModel(network);
  expect(encodeDelta(old, old).length).toBeLessThan(20);
  expect(applyDelta(old, encodeDelta(old, old))).toEqual(old);
});

describe.each(['small', 'fast', 'huffman'] as const)('coding %s', (coding) => {
  const old = encodeModel(network, { coding });
  test.each([
    ['other numbers', encodeModel(retrained(network, 0.1), { coding })],
    ['a weight less', encodeModel({ ...network, weights: network.weights.slice(1) }, { coding })],
    ['a weight more', encodeModel({ ...network, weights: [...network.weights, bias('new', 7)] }, { coding })],
    ['another name', encodeModel({ ...network, name: 'other' }, { coding })],
    ['another coding', encodeModel(network, { coding: coding === 'small' ? 'fast' : 'small' })],
    ['another network', encodeModel({ layers: [], weights: [bias('b', 3)], history: [] }, { coding })],
    ['nothing', encodeModel({ layers: [], weights: [], history: [] }, { coding })],
    [
      'a codebook with an entry more',
      encodeModel(
        {
          ...network,
          weights: [
            { name: 'conv1/kernel', shape: [20, 1, 5, 5], form: sharedForm(seededRandom(9), [20, 1, 5, 5], 0.1, 17) },
            ...network.weights.slice(1),
          ],
        },
        { coding },
      ),
    ],
  ])('%s', (_, next) => {
    const delta = encodeDelta(old, next);
    expect(applyDelta(old, delta)).toEqual(next);
    expect(delta.length).toBeLessThanOrEqual(next.length + 30);
  });
});

test('masked and dense weights change in place, negative zeros and all', () => {
  const form = { kind: 'masked', values: Float32Array.of(1, 0, -2, 0), mask: Uint8Array.of(1, 0, 1, 0) } as const;
  const model = (values: number[], mask: number[]): Model => ({
    ...network,
    weights: [
      { name: 'm', shape: [4], form: { ...form, values: Float32Array.from(values), mask: Uint8Array.from(mask) } },
      {
        name: 'd',
        shape: [300],
        form: { kind: 'dense', values: new Float32Array(300).map((_, i) => Math.sin(i) + values[0]! / 2 ** 20) },
      },
    ],
  });
  const old = encodeModel(model([1, 0, -2, 0], [1, 0, 1, 0]));
  const next = encodeModel(model([1.5, -0, 0, 7], [1, 0, 0, 1]));
  expect(applyDelta(old, encodeDelta(old, next))).toEqual(next);
});

test('says when the old file is another one', () => {
  const old = encodeModel(small);
  const delta = encodeDelta(old, encodeModel(retrained(small, 0.02)));
  const other = encodeModel({ ...small, name: 'other' });
  expect(() => applyDelta(other, delta)).toThrow('applyDelta: "old" expected the file that the delta was made for');
  expect(() => applyDelta(old, old)).toThrow('this is no delta between .pare files');
});

test('every truncation and every flipped bit ends in a typed error, never in another file', () => {
  const old = encodeModel(small, { coding: 'fast' });
  const next = encodeModel(retrained(small, 0.3), { coding: 'fast' });
  const delta = encodeDelta(old, next);
  // Some bits say how a record was made where both ways make the same.
  const damaged = (bytes: Uint8Array): void => {
    let made: Uint8Array;
    try {
      made = applyDelta(old, bytes);
    } catch (error) {
      expect((error as Error).name).toMatch(/^(CorruptDataError|RangeError)$/);
      return;
    }
    expect(made).toEqual(next);
  };
  for (let end = 0; end < delta.length; end++) damaged(delta.subarray(0, end));
  for (let bit = 0; bit < 8 * delta.length; bit++) {
    const bytes = delta.slice();
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    damaged(bytes);
  }
});

test('copies of copies end at what limits allow', () => {
  const old = encodeModel({ layers: [], weights: [bias('b', 2000)], history: [] }, { coding: 'fast' });
  const names = Array.from({ length: 40 }, (_, i) => `empty ${i}`);
  const header = encodeHeader({
    layers: [],
    weights: names.map((name) => ({ name, shape: [0] })),
    records: names.map(() => ({ codec: 'streams@1', count: 1, bytes: old.length, checksum: true })),
  });
  const encoder = new ArithmeticEncoder();
  codeBits(encoder, 0, 1); // another layout
  codeGamma(encoder, header.length);
  for (const byte of header) codeBits(encoder, byte, 8);
  for (const _ of names) {
    codeBits(encoder, COPY, 2);
    codeGamma(encoder, 0);
  }
  const delta = join([Uint8Array.from(DELTA_SIGNATURE), crc32(old), crc32(old), encoder.finish()]);
  expect(() => applyDelta(old, delta, { limits: { elements: 2000 } })).toThrow(
    expect.objectContaining({ name: 'CorruptDataError', code: 'limit' }),
  );
});

test('weights of what comes out are the new ones', () => {
  const next = retrained(network, 0.05);
  const old = encodeModel(network);
  const patched = decodeModel(applyDelta(old, encodeDelta(old, encodeModel(next))));
  expect(patched.weights.map(({ name }) => name)).toEqual(network.weights.map(({ name }) => name));
  expect(patched.weights.at(-1)!.form).toEqual(next.weights.at(-1)!.form);
});

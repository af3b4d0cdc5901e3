import { squeezenet } from '@pare/architectures';
import { CorruptDataError } from '@pare/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArithmeticEncoder } from './arithmetic-encode.ts';
import { codeHeaderText, parseHeader, usualWeights } from './header.ts';
import { encodeHeader } from './header-encode.ts';
import { smallArithmeticDecoder } from './small-arithmetic-decode.ts';
import { codeText } from './text.ts';

const PRIMER = '{"name":"conv1","inputs":[1]}';

function coded(text: string): Uint8Array {
  const encoder = new ArithmeticEncoder();
  codeText(encoder, PRIMER, text);
  return encoder.finish();
}

const ascii = fc.string({ unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)) });

test('a text comes back, and the more it is like the primer the less it takes', () => {
  expect(coded(PRIMER).length).toBeLessThan(coded('{"units":[500,10],"b":0}?????').length);
  fc.assert(
    fc.property(ascii, (text) => {
      const decoder = smallArithmeticDecoder(coded(text));
      expect(codeText(decoder, PRIMER)).toBe(text);
      decoder.expectEnd();
    }),
    { seed: 4, numRuns: 60 },
  );
});

test('what was there before costs next to nothing', () => {
  const line = '{"name":"block_1/expand","filters":96,"strides":[1,1]},';
  expect(coded(line.repeat(40)).length).toBeLessThan(2.5 * coded(line).length);
});

test('a text that would never end is refused where its bytes end', () => {
  expect(() => codeText(smallArithmeticDecoder(new Uint8Array()), PRIMER)).toThrow(CorruptDataError);
  expect(() => codeText(smallArithmeticDecoder(Uint8Array.of(1, 2, 3, 4, 5)), PRIMER)).toThrow(CorruptDataError);
});

test('a text that costs nothing is refused after so many bits, and one of two million characters is not', () => {
  let bits = 0;
  let last = 2 ** 23;
  const coder = {
    code: () => (++bits > last ? 0 : 1),
    fail: (code: string) => {
      throw new Error(code);
    },
  };
  expect(() => codeText(coder, '')).toThrow('limit');
  expect(bits).toBe(3 * 2 ** 20);
  bits = 0;
  last = 2_000_000; // then a bit says that not what is expected follows, but seven bits of 0
  expect(codeText(coder, '').length).toBeGreaterThan(1_999_900); // all but the first cost one bit
});

test('keys named like those of every object stay keys', () => {
  const topology = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object;
  const header = parseHeader(JSON.stringify({ layers: [], records: [], topology, ['__proto__']: { polluted: 1 } }));
  expect(header.topology).toEqual(topology);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(header)).toBe(Object.prototype);
});

test('keys, kinds and items that this version does not know are carried', () => {
  const text =
    '{"layers":[{"kind":"spline","name":"s","inputs":[],"outputShape":[2],"knots":{"a":[1]}}],' +
    '"weights":[["w",[2],"later"]],"records":[["codec@9",1,5,1,"later"]],"newer":[true]}';
  expect(parseHeader(text)).toEqual({
    layers: [{ kind: 'spline', name: 's', inputs: [], outputShape: [2], knots: { a: [1] } }],
    weights: [{ name: 'w', shape: [2] }],
    records: [{ codec: 'codec@9', count: 1, bytes: 5, checksum: true }],
    newer: [true],
  });
});

test.each([
  '',
  'null',
  '{"layers":5,"records":[]}',
  '{"layers":[null],"records":[]}',
  '{"layers":[{"kind":"relu","name":"r"}],"records":[]}',
  '{"layers":[{"kind":"input","name":"i","outputShape":[-1]}],"records":[]}',
  '{"layers":[{"kind":"dense","name":"d","inputs":[],"units":"many","kernel":true}],"records":[]}',
  '{"layers":[],"records":[["streams@1",1,5,1]]}',
  '{"layers":[],"weights":[["w",[2]]],"records":[]}',
  '{"layers":[],"weights":[["w",[2]]],"records":[["streams@1",1,5,0]]}',
  '{"layers":[],"weights":[["w",[2.5]]],"records":[["streams@1",1,5,1]]}',
  '{"layers":[],"weights":[[1,[2]]],"records":[["streams@1",1,5,1]]}',
  '{"layers":[],"records":[],"labels":[1]}',
  '['.repeat(100_000),
])('refuses a header like %s', (text) => expect(() => parseHeader(text)).toThrow(CorruptDataError));

test('an error tells what cannot be written', () => {
  const empty = { layers: [], weights: [], records: [] };
  expect(() => encodeHeader({ ...empty, metadata: { loss: Infinity } })).toThrow(/"loss" expected a finite number/);
  const odd = { kind: 'relu', name: 'r', inputs: ['nowhere'], outputShape: [1] } as const;
  expect(() => encodeHeader({ ...empty, layers: [odd] })).toThrow(
    /layer "r" takes "nowhere", which no layer before it/,
  );
});

test('the header of SqueezeNet v1.0 is below 650 bytes: layers, weights, and a record for each weight', () => {
  const layers = squeezenet({ softmax: true });
  const weights = usualWeights(layers);
  expect(weights).toHaveLength(52);
  const records = weights.map(({ shape }, i) => ({
    codec: 'adaptive@1',
    count: 1,
    bytes: Math.round(0.42 * shape.reduce((count, extent) => count * extent, 1)) + 7 * i,
    checksum: i % 2 === 1,
  }));
  const bytes = encodeHeader({ layers, weights, records });
  expect(bytes.length).toBeLessThan(650);
  expect(parseHeader(codeHeaderText(smallArithmeticDecoder(bytes)))).toEqual({ layers, weights, records });
});

import { describe, expect, test } from 'vitest';
import { decodeMessage, scanFields } from './decode.ts';
import { encodeMessage } from './encode.ts';
import type { Schema } from './schema.ts';
import { parseText } from './text.ts';

interface Part {
  name?: string;
}
interface Whole {
  flag?: boolean;
  count?: number;
  ratio?: number;
  exact?: number;
  text?: string;
  kind?: string;
  bytes?: Uint8Array;
  words?: string[];
  ints?: number[];
  floats?: Float32Array;
  doubles?: Float64Array;
  part?: Part;
  parts?: Part[];
}
const PART: Schema<Part> = { name: [1, 'string'] };
const WHOLE: Schema<Whole> = {
  flag: [1, 'bool'],
  count: [2, 'int'],
  ratio: [3, 'float'],
  exact: [4, 'double'],
  text: [5, 'string'],
  kind: [6, { names: { 0: 'MAX', 1: 'AVE' } }],
  bytes: [7, 'bytes'],
  words: [8, 'strings'],
  ints: [9, 'ints'],
  floats: [10, 'floats'],
  doubles: [11, 'doubles'],
  part: [12, { message: PART }],
  parts: [13, { messages: PART }],
};
const whole: Whole = {
  flag: true,
  count: -3,
  ratio: 0.5,
  exact: 0.1,
  text: 'ümlaut, longer than twelve bytes',
  kind: 'AVE',
  bytes: Uint8Array.of(0, 255),
  words: ['a', ''],
  ints: [0, 1, -1, 300, 2 ** 40],
  floats: Float32Array.of(1, -2),
  doubles: Float64Array.of(0.1),
  part: { name: 'x' },
  parts: [{ name: 'y' }, {}],
};

describe('messages', () => {
  test('come back as they were written', () => {
    expect(decodeMessage(WHOLE, encodeMessage(WHOLE, whole))).toEqual(whole);
    expect(decodeMessage(WHOLE, new Uint8Array())).toEqual({});
  });

  test('read the same whether numbers are packed or not, in one run or in several', () => {
    // floats: one alone, a run of two, one alone; ints: two runs
    const bytes = [0x55, 0, 0, 0x80, 0x3f, 0x52, 8, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0x55, 0, 0, 0x80, 0x40];
    const ints = [0x48, 5, 0x4a, 2, 6, 7];
    expect(decodeMessage(WHOLE, Uint8Array.from([...bytes, ...ints]))).toEqual({
      floats: Float32Array.of(1, 2, 3, 4),
      ints: [5, 6, 7],
    });
  });

  test('skip what nobody asked for, of every type', () => {
    const unknown = [0xf8, 1, 0xff, 1, 0xf9, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0xfa, 1, 2, 9, 9, 0xfd, 1, 1, 2, 3, 4, 0x10, 7];
    expect(decodeMessage(WHOLE, Uint8Array.from(unknown))).toEqual({ count: 7 });
    expect(scanFields(Uint8Array.from(unknown)).fields.map(({ number, wire }) => [number, wire])).toEqual([
      [31, 0],
      [31, 1],
      [31, 2],
      [31, 5],
      [2, 0],
    ]);
  });

  test.each<[string, number[], string]>([
    ['a text beyond its end', [0x2a, 5, 97], 'field 5 reaches beyond its message, to byte 7 of 3'],
    ['a part beyond the whole', [0x62, 3, 0x0a, 2, 97], 'reaches beyond its message'],
    [
      'a field of part beyond its part',
      [0x62, 2, 0x0a, 2, 97, 98],
      'field 1 reaches beyond its message, to byte 6 of 4',
    ],
    ['numbers cut in two', [0x52, 3, 0, 0, 0], '3 bytes are no numbers of 4'],
    ['a number without end', [0x10, 0xff, 0xff], 'a field is cut short'],
    ['a number of another type', [0x15, 0, 0, 0, 0], 'a field of type 5 where 0 was expected'],
    ['field 0', [0x00, 0], 'field 0 does not exist'],
    ['a group', [0x0b], 'field 1 has the type 3, which is no longer in use'],
  ])('are refused with %s', (_what, bytes, message) => {
    expect(() => decodeMessage(WHOLE, Uint8Array.from(bytes))).toThrow(message);
    expect(() => decodeMessage(WHOLE, Uint8Array.from(bytes))).toThrow('corrupt data at byte');
  });
});

describe('the text form', () => {
  test('says the same', () => {
    const text = `
      flag: true count: -3 ratio: 5e-1f exact: .1  # a comment
      text: "ümlaut, " 'longer than twelve bytes'; kind: AVE
      words: "a", words: ""
      ints: [0, 1, -1] ints: 300 ints: 1099511627776
      floats: 1 floats: -2. doubles: 0.1
      part { name: "x" } parts: < name: "y" > parts {}`;
    const { bytes: _, ...rest } = whole;
    expect(parseText(WHOLE, text)).toEqual(rest);
  });

  test('keeps names of an enum that it does not know, and skips fields that nobody asked for', () => {
    expect(parseText(WHOLE, 'kind: OTHER more { of: [1, "x"] that { is: 0x1F } } flag: 0')).toEqual({
      kind: '?OTHER',
      flag: false,
    });
  });

  test.each([
    ['count: 1.5', 'line 1: "count" expected a whole number, got 1.5'],
    ['\n\nflag: maybe', 'line 3: "flag" expected true or false, got maybe'],
    ['count', '"count" has no value'],
    ['part: 3', '"part" expected a message, got 3'],
    ['count { }', '"count" is a message where none was expected'],
    ['part { name: "x" ', '"}" is missing at the end'],
    ['text: "x', 'is no token'],
    ['bytes: "x"', '"bytes" holds bytes, which are read from binary files only'],
    ['{', 'expected the name of a field, got {'],
    ['ints: [1, 2', '"ints" has no value'],
  ])('refuses %j', (text, message) => {
    expect(() => parseText(WHOLE, text)).toThrow(message);
  });
});

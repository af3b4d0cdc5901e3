import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitSink } from './bit-sink.ts';
import { bitSource } from './bit-source.ts';

test('puts the first field into the lowest bits', () => {
  const { bytes, write } = bitSink(1);
  write(0b01, 2);
  write(0b110, 3);
  expect(bytes).toEqual(Uint8Array.of(0b11001));
});

test('appends codes after a field, wherever in a byte it ends', () => {
  const { bytes, write, writeCodes } = bitSink(3);
  write(0b101, 3);
  writeCodes([0, 2, 0], Uint16Array.of(0b1, 0, 0b0111_1111_1100), Uint8Array.of(1, 0, 12));
  expect(bytes).toEqual(Uint8Array.of(0b1100_1101, 0b0111_1111, (0b1 << 1) >> 1));
});

test('what was written is read back', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc
          .integer({ min: 0, max: 31 })
          .chain((width) => fc.tuple(fc.integer({ min: 0, max: 2 ** width - 1 }), fc.constant(width))),
        { maxLength: 200 },
      ),
      fc.array(fc.nat(15), { maxLength: 100 }),
      (fields, symbols) => {
        const lengths = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
        const codes = Uint16Array.from(lengths, (length, i) => (0x9e37 * (i + 1)) & (2 ** length - 1));
        const bits = [...fields.map(([, width]) => width), ...symbols.map((symbol) => lengths[symbol]!)];
        const { bytes, write, writeCodes } = bitSink(Math.ceil(bits.reduce((a, b) => a + b, 0) / 8));
        for (const [value, width] of fields) write(value, width);
        writeCodes(symbols, codes, lengths);
        const source = bitSource(bytes);
        for (const [value, width] of fields) expect(source.read(width)).toBe(value);
        for (const symbol of symbols) expect(source.read(lengths[symbol]!)).toBe(codes[symbol]);
      },
    ),
    { seed: 1 },
  ));

test('reading past the end says where', () => {
  const source = bitSource(Uint8Array.of(255));
  source.read(7);
  expect(() => source.read(2)).toThrow('corrupt data at byte 1 of a Huffman stream: truncated');
});

import { CorruptDataError, type Masked, type Shape, type Shared } from '@pare/core';
import { BitReader, decodeSymbols, readTable } from '@pare/huffman/decode';
import { type BitCoder, codeBits, codeGamma } from '../bit-coder.ts';
import { codeCodebook, codeMantissaBits } from '../codebook.ts';
import type { DecodeOptions, TracingDecoder } from '../contract.ts';
import { bitsOf } from '../float-bits.ts';
import { located } from '../located.ts';

/**
 * Decodes shared weights as Deep Compression stores them: a codebook, and Huffman codes of symbols and of gaps.
 *
 * @throws CorruptDataError if the bytes are no such record
 * @example
 * sharedHuffmanDecoder.decode(sharedHuffman.encode({ kind: 'shared', codebook: Float32Array.of(5), indices: Uint16Array.of(0, 0), mask: Uint8Array.of(0, 1) }, [2]), [2]).mask // Uint8Array [0, 1]
 */
export const sharedHuffmanDecoder: TracingDecoder<Shared> = {
  id: 'shared-huffman@1',
  decode: (bytes, shape, options = {}) =>
    located(0, '', () => {
      const reader = new BitReader(bytes);
      const count = countOf(shape);
      const coder = readingCoder(reader);
      const trace = tracer(reader, options);
      const codebook = codeCodebook(coder, options.maxCodebook ?? 65536);
      trace('codebook');
      // Symbols are entries of the codebook, counted from one; 0 is the filler.
      const { symbols, gaps } = readEntries(reader, coder, count, codebook.length + 1, trace);
      const indices = new Uint16Array(count);
      const mask = new Uint8Array(count);
      let next = 0;
      for (let i = 0; i < symbols.length; i++) {
        next += gaps ? gaps[i]! : 0;
        if (next >= count) reader.fail('count-too-large', 'an entry beyond the last weight');
        if (symbols[i]! > 0) {
          mask[next] = 1;
          indices[next] = symbols[i]! - 1;
        }
        next++;
      }
      reader.expectEnd();
      trace('padding');
      return { kind: 'shared', codebook, indices, mask };
    }),
};

/**
 * Decodes masked weights: as shared ones, except that the symbol is the exponent, followed by sign and mantissa.
 *
 * @throws CorruptDataError if the bytes are no such record
 */
export const maskedHuffmanDecoder: TracingDecoder<Masked> = {
  id: 'masked-huffman@1',
  decode: (bytes, shape, options = {}) =>
    located(0, '', () => {
      const reader = new BitReader(bytes);
      const count = countOf(shape);
      const coder = readingCoder(reader);
      const trace = tracer(reader, options);
      const mantissa = codeMantissaBits(coder, 0);
      const { symbols, gaps } = readEntries(reader, coder, count, 257, trace);
      const values = new Float32Array(count);
      const bits = bitsOf(values);
      const mask = new Uint8Array(count);
      let next = 0;
      for (let i = 0; i < symbols.length; i++) {
        next += gaps ? gaps[i]! : 0;
        if (next >= count) reader.fail('count-too-large', 'an entry beyond the last weight');
        if (symbols[i]! > 0) {
          mask[next] = 1;
          const sign = reader.read(1);
          bits[next] = ((sign << 31) | ((symbols[i]! - 1) << 23) | (reader.read(mantissa) << (23 - mantissa))) >>> 0;
        }
        next++;
      }
      trace('values');
      reader.expectEnd();
      trace('padding');
      return { kind: 'masked', values, mask };
    }),
};

const countOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);

/** Reads how many entries there are, the gap width (0: every weight is an entry), the two tables and the two streams. */
function readEntries(
  reader: BitReader,
  coder: BitCoder,
  count: number,
  alphabet: number,
  trace: (stream: string) => void,
): { symbols: Uint16Array; gaps: Uint16Array | undefined } {
  const bitsPerGap = codeBits(coder, 0, 4);
  const entryCount = bitsPerGap === 0 ? count : codeGamma(coder, 0);
  if (entryCount > count) reader.fail('count-too-large', `${entryCount} entries for ${count} weights`);
  trace('parameters');
  if (entryCount === 0) return { symbols: new Uint16Array(0), gaps: undefined };
  const symbolTable = readTable(reader, alphabet);
  const gapTable = bitsPerGap > 0 ? readTable(reader, 2 ** bitsPerGap) : undefined;
  trace('tables');
  const symbols = decodeSymbols(reader, entryCount, symbolTable, new Uint16Array(entryCount)) as Uint16Array;
  trace('symbols');
  if (!gapTable) return { symbols, gaps: undefined };
  const gaps = decodeSymbols(reader, entryCount, gapTable, new Uint16Array(entryCount)) as Uint16Array;
  trace('gaps');
  return { symbols, gaps };
}

/** Lets the walks of this package read plain bits. */
const readingCoder = (reader: BitReader): BitCoder => ({
  code: () => reader.read(1),
  fail(code, explanation) {
    throw new CorruptDataError(code, reader.byte, explanation);
  },
});

/** Tells how far the reader has moved since the last time. */
function tracer(reader: BitReader, { trace }: DecodeOptions): (stream: string) => void {
  let last = 0;
  return (stream) => {
    const position = stream === 'padding' ? reader.bytes.length * 8 : reader.position;
    trace?.(stream, position - last);
    last = position;
  };
}

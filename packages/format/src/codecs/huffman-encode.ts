import type { Encoder, Masked, Shared } from '@pare/core';
import { BitWriter, canonicalCode, chooseLengths, encodeSymbols, writeTable } from '@pare/huffman';
import { type BitCoder, codeBits, codeGamma } from '../bit-coder.ts';
import { canonicalShared } from '../canonical-codebook.ts';
import { codeCodebook, codeMantissaBits } from '../codebook.ts';
import { bitsOf, mantissaBits } from '../float-bits.ts';
import { planCodebook } from '../plan-codebook.ts';
import { gapHistograms, toGaps } from '../relative-index.ts';

/**
 * Encodes shared weights as Deep Compression does: Huffman codes of the codebook's symbols and of the relative index.
 *
 * ```
 * codebook  bitsPerGap:4  gamma(entries)  symbol table  gap table  symbols  gaps      bitsPerGap = 0: no index, all are entries
 * ```
 *
 * @throws RangeError if the codebook has more than 65,535 used entries: with the filler they would not fit in 16 bits
 * @example
 * sharedHuffman.encode({ kind: 'shared', codebook: Float32Array.of(5), indices: Uint16Array.of(0, 0), mask: Uint8Array.of(0, 1) }, [2]).length // 6
 * @see Han, Mao, Dally 2016, sections 2 to 4
 */
export const sharedHuffman: Encoder<Shared> = {
  id: 'shared-huffman@1',
  kind: 'shared',
  encode(form) {
    const { codebook, indices, mask } = canonicalShared(form);
    if (codebook.length > 65535) {
      throw new RangeError(`sharedHuffman: "codebook" expected at most 65535 used entries, got ${codebook.length}`);
    }
    const writer = new BitWriter();
    codeCodebook(writingCoder(writer), 65536, planCodebook(codebook));
    writeEntries(writer, mask, codebook.length + 1, (position) => indices[position]! + 1);
    return writer.finish();
  },
};

/**
 * Encodes masked weights likewise; the symbol is the exponent of the float, its sign and mantissa follow in a stream of their own.
 *
 * @example
 * maskedHuffman.encode({ kind: 'masked', values: Float32Array.of(0, 1), mask: Uint8Array.of(0, 1) }, [2]).length // 5
 */
export const maskedHuffman: Encoder<Masked> = {
  id: 'masked-huffman@1',
  kind: 'masked',
  encode({ values, mask }) {
    const writer = new BitWriter();
    const kept = values.filter((_, i) => mask[i] !== 0);
    const mantissa = mantissaBits(kept);
    const bits = bitsOf(values.slice());
    codeMantissaBits(writingCoder(writer), mantissa);
    writeEntries(writer, mask, 257, (position) => ((bits[position]! >>> 23) & 0xff) + 1);
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      writer.write(bits[i]! >>> 31, 1);
      writer.write((bits[i]! & 0x7fffff) >>> (23 - mantissa), mantissa);
    }
    return writer.finish();
  },
};

/** Widest gap tried: wider ones would save few fillers and cost a table of thousands. */
const WIDEST_GAP = 12;

/** Writes the index with the gap width that takes least, and the symbols. */
function writeEntries(
  writer: BitWriter,
  mask: Uint8Array,
  alphabet: number,
  symbolAt: (position: number) => number,
): void {
  const coder = writingCoder(writer);
  const histogram = new Uint32Array(alphabet);
  for (let position = 0; position < mask.length; position++) if (mask[position] !== 0) histogram[symbolAt(position)]!++;

  const dense = mask.every((bit) => bit !== 0);
  let bitsPerGap = 0;
  if (!dense) {
    let best = Infinity;
    gapHistograms(mask, WIDEST_GAP).forEach(({ histogram: gaps, fillers }, bits) => {
      histogram[0] = fillers;
      const size = bits === 0 ? Infinity : streamBits(gaps) + streamBits(histogram);
      if (size < best) {
        best = size;
        bitsPerGap = bits;
      }
    });
  }
  codeBits(coder, bitsPerGap, 4);
  const { gaps, positions } = dense
    ? { gaps: undefined, positions: Int32Array.from(mask.keys()) }
    : toGaps(mask, bitsPerGap);
  if (gaps) codeGamma(coder, gaps.length);
  if (positions.length === 0) return;

  const symbols = Uint16Array.from(positions, (position) => (position < 0 ? 0 : symbolAt(position)));
  const symbolCode = canonicalCode(lengthsFor(symbols, alphabet));
  writeTable(writer, lengthsOf(symbolCode));
  const gapCode = gaps && canonicalCode(lengthsFor(gaps, 2 ** bitsPerGap));
  if (gapCode) writeTable(writer, lengthsOf(gapCode));
  encodeSymbols(writer, symbols, symbolCode);
  if (gaps && gapCode) encodeSymbols(writer, gaps, gapCode);
}

/** Enough for any alphabet of 16 bits, with room to be optimal. */
const LONGEST_CODE = 20;

function lengthsFor(symbols: Uint16Array, alphabet: number): Uint8Array {
  const histogram = new Uint32Array(alphabet);
  for (const symbol of symbols) histogram[symbol]!++;
  return chooseLengths(histogram, { maxLength: LONGEST_CODE });
}

/** A lone symbol has a code of no bits, which the table marks as length 1. */
function lengthsOf({ lengths, lone }: { readonly lengths: Uint8Array; readonly lone: number }): Uint8Array {
  return lone < 0 ? lengths : lengths.map((_, symbol) => (symbol === lone ? 1 : 0));
}

/** Bits of table and codes together. */
function streamBits(histogram: Uint32Array): number {
  const writer = new BitWriter();
  const lengths = chooseLengths(histogram, { maxLength: LONGEST_CODE });
  writeTable(writer, lengths);
  const lone = lengths.reduce((used, length) => used + (length > 0 ? 1 : 0), 0) < 2;
  return (
    writer.bitLength + (lone ? 0 : lengths.reduce((bits, length, symbol) => bits + length * histogram[symbol]!, 0))
  );
}

/** Lets the walks of this package write plain bits. */
const writingCoder = (writer: BitWriter): BitCoder => ({
  code(bit) {
    writer.write(bit, 1);
    return bit;
  },
  fail(code, explanation) {
    throw new Error(`bug: the encoder met ${code}: ${explanation}`);
  },
});

import { partsOf, sizeWidth } from './_layout.ts';
import { bitSink } from './bit-sink.ts';
import { canonicalCodes } from './canonical.ts';
import { type HuffmanOptions, prefixCode } from './prefix-code.ts';
import { sizeOf } from './size.ts';
import { writeCode } from './write-code.ts';

/**
 * Encodes symbols with the Huffman code that suits them best.
 *
 * ```
 * code     as _layout.ts draws it
 * size*3   if there are 2^13 symbols or more: bits of the first, second and third quarter of the codes, each number in as
 *          many bits as ⌈count / 4⌉ · (bits of the longest code) takes
 * codes    of all symbols, one after the other
 * padding  zero bits up to a whole byte
 * ```
 *
 * Bits are counted from the lowest of each byte. No symbols make no bytes. The sizes are hints: they let a decoder work in four
 * places at a time; one that works in one only skips them, and one that finds them wrong does as if it had.
 *
 * @param symbols - at most 2^27
 * @param alphabetSize - symbols must be below it; 1…65536
 * @returns bytes for `decodeHuffman`, which must be told the count, the alphabet and where they end
 * @throws RangeError if a symbol is not below `alphabetSize`, or `maxLength` is too short for so many
 * @example
 * encodeHuffman(Uint8Array.of(3, 3, 3, 3, 3, 3, 3, 3), 4).length // 2
 */
export function encodeHuffman(
  symbols: Uint8Array | Uint16Array,
  alphabetSize: number,
  options: HuffmanOptions = {},
): Uint8Array {
  const code = prefixCode(histogramOf(symbols, alphabetSize), options);
  const { lengths, longest } = code;
  const { bytes, write, writeCodes } = bitSink(sizeOf(code));
  if (symbols.length === 0) return bytes;
  writeCode(write, code);
  const parts = partsOf(symbols.length);
  const partLength = Math.ceil(symbols.length / parts);
  for (let part = 1; part < parts; part++) {
    let size = 0;
    for (let i = (part - 1) * partLength; i < part * partLength; i++) size += lengths[symbols[i]!]!;
    write(size, sizeWidth(partLength, longest));
  }
  writeCodes(symbols, canonicalCodes(lengths), lengths);
  return bytes;
}

function histogramOf(symbols: Uint8Array | Uint16Array, alphabetSize: number): Uint32Array {
  if (!(Number.isInteger(alphabetSize) && alphabetSize >= 1 && alphabetSize <= 65536)) {
    throw new RangeError(`encodeHuffman: "alphabetSize" expected an integer in 1…65536, got ${alphabetSize}`);
  }
  const histogram = new Uint32Array(alphabetSize);
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i]!;
    if (symbol >= alphabetSize) {
      throw new RangeError(`encodeHuffman: "symbols" expected values < ${alphabetSize}, got ${symbol} at index ${i}`);
    }
    histogram[symbol]!++;
  }
  return histogram;
}

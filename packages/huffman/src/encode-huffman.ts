import { MOST_SYMBOLS, partsOf, sizeWidth } from './_code-layout.ts';
import { reverseBits } from './_reverse-bits.ts';
import { BitWriter } from './bit-writer.ts';
import { type HuffmanOptions, type PrefixCode, prefixCode } from './prefix-code.ts';
import { writeCode } from './write-code.ts';

/**
 * Encodes symbols with the Huffman code that suits them best.
 *
 * ```
 * code     see src/_code-layout.ts
 * size*3   if there are 2^13 symbols or more: how many bits the codes of the first, second and third quarter take,
 *          each in as many bits as ⌈count / 4⌉ codes of the greatest length may need
 * codes    of all symbols, one after the other
 * padding  zero bits up to a whole byte
 * ```
 *
 * Bits are counted from the lowest of each byte. No symbols make no bytes. The sizes let a decoder work in four places at a
 * time; one that does not care skips them.
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
  const histogram = histogramOf(symbols, alphabetSize);
  if (symbols.length === 0) return new Uint8Array(0);
  const code = prefixCode(histogram, options);
  const { lengths, longest } = code;
  const codes = canonicalCodes(code);
  const writer = new BitWriter();
  writeCode((value, width) => writer.write(value, width), code);
  const parts = partsOf(symbols.length);
  const partLength = Math.ceil(symbols.length / parts);
  for (let part = 0; part < parts - 1; part++) {
    let size = 0;
    for (let i = part * partLength; i < (part + 1) * partLength; i++) size += lengths[symbols[i]!]!;
    writer.write(size, sizeWidth(partLength, longest));
  }
  for (let i = 0; i < symbols.length; i++) writer.write(codes[symbols[i]!]!, lengths[symbols[i]!]!);
  return writer.finish();
}

/**
 * Tells how many bytes `encodeHuffman` makes of symbols with this histogram.
 *
 * @param histogram - how often each symbol of the alphabet occurs
 * @throws RangeError as `encodeHuffman` does
 * @example
 * huffmanSize([0, 0, 0, 8]) // 2
 */
export function huffmanSize(histogram: ArrayLike<number>, options: HuffmanOptions = {}): number {
  const code = prefixCode(histogram, options);
  let bits = 0;
  let count = 0;
  for (const symbol of code.symbols) {
    count += histogram[symbol]!;
    bits += histogram[symbol]! * code.lengths[symbol]!;
  }
  if (count === 0) return 0;
  writeCode((_, width) => {
    bits += width;
  }, code);
  const parts = partsOf(count);
  return Math.ceil((bits + (parts - 1) * sizeWidth(Math.ceil(count / parts), code.longest)) / 8);
}

/**
 * Assigns the canonical codes: in numerical order to the symbols sorted by (length, symbol), each the one before plus one,
 * followed by as many zeros as the length has grown.
 *
 * @returns the code of each symbol of the alphabet, its first bit lowest, ready to be written
 * @see Deutsch 1996, RFC 1951, section 3.2.2
 */
function canonicalCodes({ symbols, lengths, longest }: PrefixCode): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= longest; length++) {
    for (const symbol of symbols) if (lengths[symbol] === length) codes[symbol] = reverseBits(code++, length);
    code *= 2;
  }
  return codes;
}

function histogramOf(symbols: Uint8Array | Uint16Array, alphabetSize: number): Uint32Array {
  if (!(Number.isInteger(alphabetSize) && alphabetSize >= 1 && alphabetSize <= 65536)) {
    throw new RangeError(`encodeHuffman: "alphabetSize" expected an integer in 1…65536, got ${alphabetSize}`);
  }
  if (symbols.length > MOST_SYMBOLS) {
    throw new RangeError(`encodeHuffman: "symbols" expected at most ${MOST_SYMBOLS}, got ${symbols.length}`);
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

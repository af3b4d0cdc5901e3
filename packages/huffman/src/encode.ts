import { BitWriter } from './bit-writer.ts';
import { canonicalCode } from './canonical.ts';
import { chooseLengths } from './choose-lengths.ts';
import { encodeSymbols } from './encode-symbols.ts';
import { writeTable } from './write-table.ts';

/** Options of {@link huffmanEncode}. */
export interface HuffmanEncodeOptions {
  /** Symbols must be below it; 1…65536. Default: whatever fits in the array's elements. Does not change the bytes. */
  readonly alphabetSize?: number;
  /** Longest code allowed, in bits, 1…24. Default 15. */
  readonly maxLength?: number;
}

/**
 * Encodes symbols into bytes that `huffmanDecode` understands without being told anything else.
 *
 * ```
 * wide:1   1 if the symbols came as a Uint16Array
 * width:5  bits of the count, 0 if it is 0
 * count    without its leading one: width − 1 bits
 * table    if count > 0; see writeTable
 * codes    none if there is one symbol only
 * ```
 *
 * @param symbols - fewer than 2^31
 * @throws RangeError if a symbol is not below `alphabetSize`, or `maxLength` is too short for so many symbols
 * @example
 * huffmanEncode(Uint8Array.of(3, 3, 3, 3, 3, 3, 3, 3)).length // 3
 */
export function huffmanEncode(symbols: Uint8Array | Uint16Array, options: HuffmanEncodeOptions = {}): Uint8Array {
  const { alphabetSize = 256 ** symbols.BYTES_PER_ELEMENT, maxLength = 15 } = options;
  if (symbols.length >= 2 ** 31) {
    throw new RangeError(`huffmanEncode: "symbols" expected fewer than 2^31, got ${symbols.length}`);
  }
  const lengths = chooseLengths(histogramOf(symbols, alphabetSize), { maxLength });
  const writer = new BitWriter();
  writer.write(symbols.BYTES_PER_ELEMENT - 1, 1);
  writeCount(writer, symbols.length);
  if (symbols.length > 0) {
    writeTable(writer, lengths);
    encodeSymbols(writer, symbols, canonicalCode(lengths));
  }
  return writer.finish();
}

function histogramOf(symbols: Uint8Array | Uint16Array, alphabetSize: number): Uint32Array {
  if (!(Number.isInteger(alphabetSize) && alphabetSize >= 1 && alphabetSize <= 65536)) {
    throw new RangeError(`huffmanEncode: "alphabetSize" expected an integer in 1…65536, got ${alphabetSize}`);
  }
  const histogram = new Uint32Array(alphabetSize);
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i]!;
    if (symbol >= alphabetSize) {
      throw new RangeError(`huffmanEncode: "symbols" expected values < ${alphabetSize}, got ${symbol} at index ${i}`);
    }
    histogram[symbol]!++;
  }
  return histogram;
}

function writeCount(writer: BitWriter, count: number): void {
  const width = 32 - Math.clz32(count);
  writer.write(width, 5);
  if (width > 1) writer.write(count - 2 ** (width - 1), width - 1);
}

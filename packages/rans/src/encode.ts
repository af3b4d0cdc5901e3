import { encodeWords } from './encode-words.ts';
import { planTable } from './plan-table.ts';
import { writeTable } from './write-table.ts';

/** Options of {@link encodeRans}. */
export interface RansOptions {
  /** How many states take turns: 4 decode faster, but take 11 bytes more. Default: 4 in streams of over 8 kB. */
  readonly states?: 1 | 4;
}

/**
 * Encodes symbols at the cost of their entropy, and a table of their frequencies.
 *
 * `decodeRans` must be told the count, the alphabet size and where the stream ends. The layout is drawn in src/_layout.ts.
 *
 * @param alphabetSize - symbols are below it, 1…65536. Default: whatever fits in the array's elements
 * @throws RangeError if a symbol is not below `alphabetSize`
 * @example
 * encodeRans(Uint8Array.of(3, 3, 3, 3, 3, 3, 3, 3)).length // 5
 * @see Duda 2013, "Asymmetric numeral systems"; Giesen 2014, "Interleaved entropy coders"
 */
export function encodeRans(
  symbols: Uint8Array | Uint16Array,
  alphabetSize: number = 256 ** symbols.BYTES_PER_ELEMENT,
  options: RansOptions = {},
): Uint8Array {
  const plan = planTable(histogramOf(symbols, alphabetSize), options);
  if (plan === undefined) return new Uint8Array(0);
  const { table, starts } = plan;
  const { rawBits, precision, states } = table;
  const head = writeTable(table);
  const words = encodeWords(symbols, rawBits, starts, precision, states);
  const raw = Math.ceil((symbols.length * rawBits) / 8);
  const bytes = new Uint8Array(head.length + raw + words.length);
  bytes.set(head);
  const low = 2 ** rawBits - 1;
  for (let i = 0; rawBits > 0 && i < symbols.length; i++) {
    const bit = i * rawBits;
    const byte = head.length + Math.floor(bit / 8);
    const value = (symbols[i]! & low) << (bit & 7);
    bytes[byte]! |= value;
    if (value > 0xff) bytes[byte + 1]! |= value >> 8;
    if (value > 0xffff) bytes[byte + 2]! |= value >> 16;
  }
  bytes.set(words, head.length + raw);
  return bytes;
}

function histogramOf(symbols: Uint8Array | Uint16Array, alphabetSize: number): Uint32Array {
  if (!(Number.isInteger(alphabetSize) && alphabetSize >= 1 && alphabetSize <= 65536)) {
    throw new RangeError(`encodeRans: "alphabetSize" expected an integer in 1…65536, got ${alphabetSize}`);
  }
  const histogram = new Uint32Array(alphabetSize);
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i]!;
    if (symbol >= alphabetSize) {
      throw new RangeError(`encodeRans: "symbols" expected values < ${alphabetSize}, got ${symbol} at index ${i}`);
    }
    histogram[symbol]!++;
  }
  return histogram;
}

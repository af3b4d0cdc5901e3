import type { BitWriter } from './bit-writer.ts';
import type { CanonicalCode } from './canonical.ts';

/**
 * Writes the code of each symbol.
 *
 * @throws RangeError if a symbol has no code
 * @example
 * const writer = new BitWriter();
 * encodeSymbols(writer, Uint8Array.of(0, 1, 2, 0), canonicalCode([1, 2, 2]));
 * writer.finish() // Uint8Array [26]
 */
export function encodeSymbols(writer: BitWriter, symbols: Uint8Array | Uint16Array, code: CanonicalCode): void {
  const { lengths, codes, lone } = code;
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i]!;
    const length = lengths[symbol];
    // No length: beyond the alphabet. Length 0: does not occur, or is the lone symbol.
    if (!length && symbol !== lone) {
      throw new RangeError(`encodeSymbols: "symbols" expected symbols that have a code, got ${symbol} at index ${i}`);
    }
    if (length) writer.write(codes[symbol]!, length);
  }
}

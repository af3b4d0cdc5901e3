/**
 * Gives `count` neighbouring symbols the code that treats them alike: all codes of ⌊log₂ count⌋ bits, or one bit more
 * for the last few when `count` is no power of two. Short streams often do best with it: its table is two numbers.
 *
 * With b = ⌊log₂ count⌋, the 2^b codes of b bits are too few by count − 2^b; splitting that many in two makes
 * 2·(count − 2^b) codes of b + 1 bits. A lone symbol gets its mark, length 1.
 *
 * @param first - the lowest symbol
 * @param count - how many symbols, 0…65536
 * @returns bits for each symbol in 0…first + count − 1
 * @example
 * balancedLengths(1, 3) // Uint8Array [0, 1, 2, 2]
 */
export function balancedLengths(first: number, count: number): Uint8Array {
  const lengths = new Uint8Array(first + count);
  if (count === 0) return lengths;
  const bits = 31 - Math.clz32(count);
  const longer = 2 * (count - 2 ** bits);
  lengths.fill(Math.max(1, bits), first);
  return lengths.fill(bits + 1, lengths.length - longer);
}

import { partsOf, sizeWidth } from './_layout.ts';
import { type HuffmanOptions, type PrefixCode, prefixCode } from './prefix-code.ts';
import { writeCode } from './write-code.ts';

/**
 * Tells how many bytes `encodeHuffman` makes of symbols with this histogram.
 *
 * @param histogram - how often each symbol of the alphabet occurs; at most 2^16 entries
 * @throws RangeError as `encodeHuffman` does
 * @example
 * huffmanSize([0, 0, 0, 8]) // 2
 */
export const huffmanSize = (histogram: ArrayLike<number>, options: HuffmanOptions = {}): number =>
  sizeOf(prefixCode(histogram, options));

/** Bytes of the code, the sizes of parts and the codes of all symbols. */
export function sizeOf(code: PrefixCode): number {
  const { count, longest } = code;
  if (count === 0) return 0;
  let { bits } = code;
  writeCode((_, width) => {
    bits += width;
  }, code);
  const parts = partsOf(count);
  return Math.ceil((bits + (parts - 1) * sizeWidth(Math.ceil(count / parts), longest)) / 8);
}

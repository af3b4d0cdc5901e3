import type { BitCoder } from './bit-coder.ts';
import { corrupt } from './corrupt.ts';

/** A coder that knows where its stream should end. */
export interface EndingBitCoder extends BitCoder {
  /** @throws CorruptDataError `trailing-data` if bytes are left, or more were needed than there are */
  expectEnd(): void;
}

/**
 * Reads what `ArithmeticEncoder` wrote. Differs from `ArithmeticDecoder` in being a third of its size and not quick: headers
 * are short. Up to four bytes past the end are zeros.
 *
 * @example
 * smallArithmeticDecoder(Uint8Array.of(0x80)).code(0, 32768) // 0
 */
export function smallArithmeticDecoder(bytes: Uint8Array): EndingBitCoder {
  let next = 0;
  let range = 2 ** 32 - 1;
  let code = 0;
  const fail = (reason: string, explanation: string): never => corrupt(reason, next, explanation);
  const shift = (): void => {
    // What no encoder leaves out is absent; a text that never ends would go on and on with zeros.
    if (next > bytes.length + 3) fail('truncated', 'it ends early');
    code = code * 256 + (bytes[next++] ?? 0);
  };
  while (next < 4) shift();
  return {
    code(_bit, probability) {
      const bound = Math.floor((range * probability) / 65536); // exact: below 2⁴⁸ before the division
      const bit = code < bound ? 1 : 0;
      if (!bit) code -= bound;
      range = bit ? bound : range - bound;
      while (range < 2 ** 24) {
        range *= 256;
        shift();
      }
      return bit;
    },
    fail,
    expectEnd() {
      if (next < bytes.length) fail('trailing-data', 'it goes on');
    },
  };
}

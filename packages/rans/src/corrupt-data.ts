/** What can be wrong with the bytes. */
export type CorruptDataCode = 'impossible-table' | 'truncated' | 'wrong-end' | 'symbol-out-of-range';

/**
 * Says that the bytes, not the caller, are at fault. Recognise it across packages by `name`, not by `instanceof`: each
 * package that stands alone carries its own copy of this class.
 *
 * @example
 * new CorruptDataError('truncated', 812, 'the data ends early').message // 'corrupt data at byte 812: the data ends early'
 */
export class CorruptDataError extends Error {
  override readonly name = 'CorruptDataError';
  /** What is wrong, for programs. */
  readonly code: CorruptDataCode;
  /** Index of the byte at which it was noticed. */
  readonly byte: number;

  constructor(code: CorruptDataCode, byte: number, explanation: string) {
    super(`corrupt data at byte ${byte}: ${explanation}`);
    this.code = code;
    this.byte = byte;
  }
}

/** What can be wrong with the bytes. */
export type CorruptDataCode =
  /** They end before the last symbol. */
  | 'truncated'
  /** They go on behind the last symbol. */
  | 'trailing-data'
  /** There is no complete Huffman code on this alphabet in front. */
  | 'invalid-code';

/**
 * Says that the bytes, not the caller, are at fault. Recognise it across packages by `name`, not by `instanceof`: each
 * package that stands alone carries its own copy of this class.
 *
 * @example
 * new CorruptDataError('truncated', 812).message // 'corrupt data at byte 812 of a Huffman stream: truncated'
 */
export class CorruptDataError extends Error {
  override readonly name = 'CorruptDataError';
  /** What is wrong, for programs. */
  readonly code: CorruptDataCode;
  /** Index of the byte at which it was noticed. */
  readonly byte: number;

  constructor(code: CorruptDataCode, byte: number) {
    super(`corrupt data at byte ${byte} of a Huffman stream: ${code}`);
    this.code = code;
    this.byte = byte;
  }
}

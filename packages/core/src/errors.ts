/** Bytes that cannot be what they claim to be: a file cut short, damaged, or made to harm. */
export class CorruptDataError extends Error {
  override readonly name = 'CorruptDataError';
  /** What is wrong, for programs: `'truncated'`, `'checksum'`, `'limit'`, … */
  readonly code: string;
  /** Offset of the first byte at which it was noticed. */
  readonly byte: number;

  constructor(code: string, byte: number, message: string, options?: ErrorOptions) {
    super(`corrupt data at byte ${byte}: ${message}`, options);
    this.code = code;
    this.byte = byte;
  }
}

/** Something that must be supplied from outside is absent: a decoder, a trainer, a data file. The message says how to add it. */
export class MissingPartError extends Error {
  override readonly name = 'MissingPartError';
  /** What kind of thing is absent, for programs: `'no-decoder'`, `'no-trainer'`, … */
  readonly code: string;
  /** Its name. */
  readonly part: string;

  constructor(code: string, part: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.part = part;
  }
}

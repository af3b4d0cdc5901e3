/** What became of a thread, for programs. */
export type ThreadErrorCode =
  /** A kernel ended in an error there. */
  | 'failed'
  /** It began its part and did not come to an end. */
  | 'lost';

/** A thread that did not do its part, so that there is no output. It is not asked again: the next run goes on without it. */
export class ThreadError extends Error {
  override readonly name = 'ThreadError';
  readonly code: ThreadErrorCode;

  constructor(code: ThreadErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

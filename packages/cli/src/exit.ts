/** What the command ends with, as its help says. */
export const EXIT = { done: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** The command line is wrong: shown with a pointer to the help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

import { describe, test } from 'vitest';

/**
 * One promise of a contract, checked by a plain function: it returns when the promise is kept and throws when it is
 * not.
 */
export interface ContractCase {
  /** A sentence of the contract. */
  readonly name: string;
  check(): void | Promise<void>;
}

/** Registers the cases of a contract as a suite of vitest. */
export function describeContract(name: string, cases: readonly ContractCase[]): void {
  describe(name, () => {
    for (const { name: sentence, check } of cases) test(sentence, () => check());
  });
}

/**
 * Throws unless a promise holds.
 *
 * @param why - makes the message; called only when it is needed
 * @throws Error with that message
 */
export function demand(holds: boolean, why: () => string): asserts holds {
  if (!holds) throw new Error(why());
}

import type { Random } from '../../packages/core/src/index.ts';

/** A small real input, and what the reader must be told beside it. */
export interface Seed<Told = unknown> {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly told: Told;
}

/** Something that reads bytes from strangers. */
export interface Target<Told = unknown> {
  /** As on the command line. */
  readonly name: string;
  /** Share of all runs, relative to other targets. */
  readonly weight: number;
  /** What typed arrays may take altogether while one input is read, in bytes. */
  readonly mostBytes: number;
  /** Made once a process, so that they may take their time. */
  seeds(): readonly Seed<Told>[] | Promise<readonly Seed<Told>[]>;
  /**
   * Reads an input and checks what comes of it.
   *
   * @param told - by the seed that the input was made of
   * @param random - for choices of its own
   * @returns what was read, which is then searched for objects that inherit what they should not
   * @throws anything; what is no error about the data fails the run
   */
  read(bytes: Uint8Array, told: Told, random: Random): unknown;
  /** Errors, beside those about data and absent parts, that the contract of the reader allows. */
  allows?(error: unknown): boolean;
  /** How many first bytes are left as they are half of the time, since behind damage there nothing is read. */
  intact?(told: Told): number;
  /** Makes checksums right again, so that damage gets behind them. */
  repair?(bytes: Uint8Array): Uint8Array;
}

/** For a list of targets that were told different things. */
export const defineTarget = <Told>(target: Target<Told>): Target => target as Target;

/** Fails a run. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export function demand(condition: boolean, what: string): void {
  if (!condition) throw new Violation(what);
}

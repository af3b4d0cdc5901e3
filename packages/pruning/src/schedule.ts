/** A kept share for each round; after the last round it stays at its end. */
export type KeepSchedule = (round: number) => number;

export interface ScheduleOptions {
  /** Kept share before the first round, 0 < from ≤ 1; default 1. */
  readonly from?: number;
  /** Kept share after the last round, 0 < to ≤ from. */
  readonly to: number;
  /** Whole number ≥ 1. */
  readonly rounds: number;
}

/**
 * Prunes much at first, when connections are redundant, and ever less towards the end.
 *
 * keep(r) = to + (from − to) · (1 − t)^power with t = (r + 1) / rounds: after the last round, r = rounds − 1, it is
 * `to`.
 *
 * @param options - and `power` > 0, default 3 as in the source; 1 is a straight line
 * @throws RangeError if an option is outside its range
 * @example
 * polynomialSchedule({ to: 0.5, rounds: 2 })(0) // 0.5625
 * @see Zhu, Gupta 2017: To prune, or not to prune. Equation 1, there for the sparsity s = 1 − keep
 */
export function polynomialSchedule(options: ScheduleOptions & { readonly power?: number }): KeepSchedule {
  const { from = 1, to, rounds, power = 3 } = options;
  checkSchedule('polynomialSchedule', from, to, rounds);
  if (!(power > 0 && power < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`polynomialSchedule: "power" expected > 0, got ${power}`);
  }
  return (round) => to + (from - to) * (1 - progress(round, rounds)) ** power;
}

/**
 * Prunes the same share of what is left in every round: iterative pruning.
 *
 * keep(r) = from · (to / from)^t with t = (r + 1) / rounds.
 *
 * @throws RangeError if an option is outside its range
 * @example
 * geometricSchedule({ to: 0.25, rounds: 2 })(0) // 0.5
 * @see Han, Pool, Tran, Dally 2015, section 3.4
 */
export function geometricSchedule(options: ScheduleOptions): KeepSchedule {
  const { from = 1, to, rounds } = options;
  checkSchedule('geometricSchedule', from, to, rounds);
  return (round) => {
    const t = progress(round, rounds);
    return t === 1 ? to : from * (to / from) ** t; // at t = 1 the power may round past `to`
  };
}

function progress(round: number, rounds: number): number {
  if (!(Number.isInteger(round) && round >= 0)) {
    throw new RangeError(`KeepSchedule: "round" expected a whole number ≥ 0, got ${round}`);
  }
  return Math.min(1, (round + 1) / rounds);
}

function checkSchedule(name: string, from: number, to: number, rounds: number): void {
  if (!(from > 0 && from <= 1)) throw new RangeError(`${name}: "from" expected 0 < from ≤ 1, got ${from}`);
  if (!(to > 0 && to <= from)) throw new RangeError(`${name}: "to" expected 0 < to ≤ ${from}, got ${to}`);
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new RangeError(`${name}: "rounds" expected a whole number ≥ 1, got ${rounds}`);
  }
}

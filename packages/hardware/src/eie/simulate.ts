import type { EieColumns } from './columns.ts';
import { countReads, type EieReads } from './reads.ts';
import { eieCycles } from './timing.ts';

/** What a matrix-vector product is on the machine. */
export interface EieRun extends EieReads {
  /** Columns whose activation is not zero. */
  readonly active: number;
  readonly nonzeros: number;
  /** With padding. */
  readonly entries: number;
  /** Share of the entries that are padding. */
  readonly paddingShare: number;
  readonly cycles: number;
  readonly us: number;
  /** Time if all elements were always busy: entries / N cycles. */
  readonly theoreticalUs: number;
  /** Share of cycles in which an element works on an entry: 1 − bubbles / total, as the paper defines it. */
  readonly balance: number;
  /** Share of cycles in which an element works on an entry that is not padding. */
  readonly macEfficiency: number;
}

/**
 * Simulates a matrix-vector product: cycles, reads, balance.
 *
 * @example
 * simulateEie(countColumns(4, 2, () => true, () => () => true, { peCount: 2 })).entries // 8
 */
export function simulateEie(columns: EieColumns): EieRun {
  const { machine, active, counts, nonzeros } = columns;
  const { peCount, clockMHz } = machine;
  const entries = counts.reduce((sum, count) => sum + count, 0);
  const cycles = eieCycles(columns);
  const slots = cycles * peCount;
  return {
    active: active.length,
    nonzeros,
    entries,
    paddingShare: entries === 0 ? 0 : 1 - nonzeros / entries,
    cycles,
    us: cycles / clockMHz,
    theoreticalUs: entries / peCount / clockMHz,
    balance: slots === 0 ? 1 : entries / slots,
    macEfficiency: slots === 0 ? 1 : nonzeros / slots,
    ...countReads(columns),
  };
}

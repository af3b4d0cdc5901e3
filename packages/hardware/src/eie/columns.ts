import type { EieMatrix } from './encode.ts';
import { type EieMachine, eieMachine } from './machine.ts';

/** What the processing elements have to do for one input: entries by active column and element. All that timing needs to know. */
export interface EieColumns {
  readonly machine: EieMachine;
  /** `[J]`: the columns whose activation is not zero, ascending. */
  readonly active: Uint32Array;
  /** `[J, N]`: entries of an active column, padding included. */
  readonly counts: Uint32Array;
  /** `[J, N]`: entries that an element holds before these. */
  readonly starts: Uint32Array;
  /** Entries that are not padding, in active columns. */
  readonly nonzeros: number;
}

/**
 * Takes the active columns of an encoded matrix.
 *
 * @param activations - `[columns]`; what is not zero is active
 * @throws RangeError if there are not as many as columns
 */
export function activeColumns(matrix: EieMatrix, activations: ArrayLike<number>): EieColumns {
  const { columns, machine, codes, offsets, pointers } = matrix;
  if (activations.length !== columns) {
    throw new RangeError(`activeColumns: "activations" expected ${columns} numbers, got ${activations.length}`);
  }
  const active = Uint32Array.from(Array.from({ length: columns }, (_, i) => i).filter((i) => activations[i] !== 0));
  const { peCount } = machine;
  const counts = new Uint32Array(active.length * peCount);
  const starts = new Uint32Array(counts.length);
  let nonzeros = 0;
  for (let j = 0; j < active.length; j++) {
    for (let pe = 0; pe < peCount; pe++) {
      const at = pe * (columns + 1) + active[j]!;
      const [from, to] = [pointers[at]!, pointers[at + 1]!];
      starts[j * peCount + pe] = from;
      counts[j * peCount + pe] = to - from;
      for (let entry = from; entry < to; entry++) if (codes[offsets[pe]! + entry] !== 0) nonzeros++;
    }
  }
  return { machine, active, counts, starts, nonzeros };
}

/**
 * Counts the entries of a matrix that is asked for one column at a time and held nowhere.
 *
 * @param isKept - tells whether row `row` of the column is not zero; called for ascending rows, each once
 * @param skip - called for a column that is not active, if what it would hold shall be known: gives nothing, takes the time. Default:
 * such a column is taken to hold as many entries as the active ones before it do on average, which matters to `starts` alone
 */
export function countColumns(
  rows: number,
  columns: number,
  isActive: (column: number) => boolean,
  keptOf: (column: number) => (row: number) => boolean,
  options: Partial<EieMachine> = {},
): EieColumns {
  const machine = eieMachine(options);
  const { peCount, indexBits } = machine;
  const active: number[] = [];
  for (let column = 0; column < columns; column++) if (isActive(column)) active.push(column);
  const counts = new Uint32Array(active.length * peCount);
  const starts = new Uint32Array(counts.length);
  const before = new Float64Array(peCount);
  const last = new Int32Array(peCount); // local row of an element's last nonzero
  let nonzeros = 0;
  for (let j = 0; j < active.length; j++) {
    const column = active[j]!;
    const kept = keptOf(column);
    const base = j * peCount;
    const skipped = column - (j > 0 ? active[j - 1]! + 1 : 0);
    last.fill(-1);
    for (let pe = 0; pe < peCount; pe++) {
      if (j > 0) before[pe]! += (before[pe]! / (active[j - 1]! + 1)) * skipped;
      starts[base + pe] = before[pe]!;
    }
    let [pe, local] = [0, 0];
    for (let row = 0; row < rows; row++) {
      if (kept(row)) {
        counts[base + pe]! += 1 + ((local - last[pe]! - 1) >>> indexBits);
        last[pe] = local;
        nonzeros++;
      }
      if (++pe === peCount) {
        pe = 0;
        local++;
      }
    }
    for (let each = 0; each < peCount; each++) before[each]! += counts[base + each]!;
  }
  return { machine, active: Uint32Array.from(active), counts, starts, nonzeros };
}

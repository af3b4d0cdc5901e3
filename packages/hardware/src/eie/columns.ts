import type { EieMatrix } from './encode.ts';
import { type EieMachine, eieMachine } from './machine.ts';

/** What the processing elements have to do for one input: entries by active column and element. All that timing needs to know. */
export interface EieColumns {
  readonly machine: EieMachine;
  /** `[J]`: the columns whose activation is not zero, ascending. */
  readonly active: Uint32Array;
  /** `[J, N]`: entries of an active column, padding included. */
  readonly counts: Uint32Array;
  /** `[J, N]`: entries that an element holds before these; absent where nobody knows what inactive columns hold. */
  readonly starts?: Uint32Array;
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
 * @param keptOf - makes a function that tells whether a row of this column is not zero: called for all rows, ascending, once each
 * @param knowsAll - whether inactive columns are asked for as well, so that it is known where entries lie; default false
 */
export function countColumns(
  rows: number,
  columns: number,
  isActive: (column: number) => boolean,
  keptOf: (column: number) => (row: number) => boolean,
  options: Partial<EieMachine> = {},
  knowsAll = false,
): EieColumns {
  const machine = eieMachine(options);
  const { peCount, indexBits } = machine;
  const active: number[] = [];
  for (let column = 0; column < columns; column++) if (isActive(column)) active.push(column);
  const counts = new Uint32Array(active.length * peCount);
  const starts = knowsAll ? new Uint32Array(counts.length) : undefined;
  const held = new Uint32Array(peCount); // entries of an element so far
  const inactive = new Uint32Array(peCount);
  let nonzeros = 0;
  let j = 0;
  for (let column = 0; column < columns; column++) {
    const works = active[j] === column;
    if (!works && !knowsAll) continue;
    const into = works ? counts.subarray(j * peCount, (j + 1) * peCount) : inactive.fill(0);
    if (works) starts?.set(held, j * peCount);
    if (works) j++;
    const found = countColumn(rows, keptOf(column), into, indexBits);
    if (works) nonzeros += found;
    for (let pe = 0; pe < peCount; pe++) held[pe]! += into[pe]!;
  }
  return { machine, active: Uint32Array.from(active), counts, ...(starts && { starts }), nonzeros };
}

/** Adds the entries of a column to those of each element; returns how many are not padding. */
function countColumn(rows: number, kept: (row: number) => boolean, into: Uint32Array, indexBits: number): number {
  const peCount = into.length;
  const last = new Int32Array(peCount).fill(-1); // local row of an element's last nonzero
  let nonzeros = 0;
  for (let row = 0, pe = 0, local = 0; row < rows; row++) {
    if (kept(row)) {
      into[pe]! += 1 + ((local - last[pe]! - 1) >>> indexBits);
      last[pe] = local;
      nonzeros++;
    }
    if (++pe === peCount) {
      pe = 0;
      local++;
    }
  }
  return nonzeros;
}

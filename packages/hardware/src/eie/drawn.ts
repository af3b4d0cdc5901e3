import { seededRandom } from '@pare/core';
import { mulberry32 } from '../mulberry32.ts';
import { countColumns, type EieColumns } from './columns.ts';
import { type EieMachine, eieMachine } from './machine.ts';

/** A matrix of which only its zeros are known, and those only on average. */
export interface DrawnMatrix {
  readonly rows: number;
  readonly columns: number;
  /** 0 … 1 */
  readonly weightDensity: number;
  /** 0 … 1 */
  readonly activationDensity: number;
  /**
   * Coefficients of variation, 0 … 1, of the density from column to column and from row to row, gamma distributed around 1; default 0: all
   * alike.
   */
  readonly unevenness?: { readonly columns: number; readonly rows: number };
  /** Whole number ≥ 0; default 1. */
  readonly seed?: number;
}

/** Measured on a real fc8 of AlexNet, pruned to a quarter: how uneven columns and rows of real matrices are. */
export const REAL_UNEVENNESS = { columns: 0.08, rows: 0.13 } as const;

/**
 * Draws where the zeros are: each weight is kept, and each column active, by the throw of a coin of its own. A higher density keeps
 * what a lower one has kept under the same seed, so that more work never looks cheaper by chance.
 *
 * @throws RangeError if `rows` or `columns` is no count, or a density or an unevenness lies outside 0 … 1
 * @example
 * drawnColumns({ rows: 8, columns: 8, weightDensity: 0.5, activationDensity: 0 }).active.length // 0
 */
export function drawnColumns(drawn: DrawnMatrix, options: Partial<EieMachine> = {}): EieColumns {
  const { rows, columns, weightDensity, activationDensity, unevenness, seed = 1 } = drawn;
  for (const [name, count] of Object.entries({ rows, columns })) {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`drawnColumns: "${name}" expected a whole number ≥ 0, got ${count}`);
    }
  }
  const uneven = unevenness && { 'unevenness.columns': unevenness.columns, 'unevenness.rows': unevenness.rows };
  for (const [name, share] of Object.entries({ weightDensity, activationDensity, ...uneven })) {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`drawnColumns: "${name}" expected 0 … 1, got ${share}`);
  }
  const random = seededRandom(seed);
  const coins = mulberry32(random.fork('columns').uint32());
  const isActive = Uint8Array.from({ length: columns }, () => (coins() < activationDensity ? 1 : 0));
  const weightSeed = random.fork('weights').uint32();
  const factors = (length: number, variation: number, what: string): Float64Array => {
    const gamma = gammaAroundOne(variation, mulberry32(random.fork(what).uint32()));
    return Float64Array.from({ length }, gamma);
  };
  const even = unevenness === undefined;
  const byColumn = even ? undefined : factors(columns, unevenness.columns, 'column factors');
  const byRow = even ? undefined : factors(rows, unevenness.rows, 'row factors');
  return countColumns(
    rows,
    columns,
    (column) => isActive[column] === 1,
    (column) => {
      const coin = mulberry32(Math.imul(column + 1, 0x9e3779b1) ^ weightSeed);
      if (!byRow) return () => coin() < weightDensity;
      const density = weightDensity * byColumn![column]!;
      return (row) => coin() < density * byRow[row]!;
    },
    eieMachine(options),
  );
}

/**
 * Numbers of mean 1 and the given coefficient of variation, gamma distributed: shape 1/cv², scale cv².
 *
 * @see Marsaglia, Tsang 2000, "A simple method for generating gamma variables"; valid here as the shape is at least 1
 */
function gammaAroundOne(variation: number, coin: () => number): () => number {
  if (variation === 0) return () => 1;
  const shape = 1 / variation ** 2;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  const normal = () => Math.sqrt(-2 * Math.log(1 - coin())) * Math.cos(2 * Math.PI * coin());
  return () => {
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - coin()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape;
    }
  };
}

/**
 * Draws a matrix with as many entries as asked for, within 1 %: by changing how many columns are active, or, where all are,
 * how dense the weights are.
 *
 * @param entries - with padding, for one input
 * @throws RangeError if no density comes near
 */
export function drawnWithEntries(drawn: DrawnMatrix, entries: number, options: Partial<EieMachine> = {}): EieColumns {
  const what = drawn.activationDensity === 1 ? 'weightDensity' : 'activationDensity';
  let density = drawn[what];
  for (let attempt = 0; attempt < 20; attempt++) {
    const columns = drawnColumns({ ...drawn, [what]: density }, options);
    const found = columns.counts.reduce((sum, count) => sum + count, 0);
    if (Math.abs(found / entries - 1) <= 0.01) return columns;
    density = Math.min(1, (density * entries) / Math.max(1, found));
  }
  throw new RangeError(
    `drawnWithEntries: "entries" expected what a "${what}" near ${drawn[what]} gives, got ${entries}`,
  );
}

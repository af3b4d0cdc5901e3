import type { Shared } from '@pare/core';
import { roundToLattice } from './lattice.ts';
import { noRates, SizeCounts } from './rates.ts';
import { refitStep, shortStep } from './short-step.ts';
import { roundToTrellis } from './trellis.ts';

export interface LevelOptions {
  /** Distance of levels, > 0. Shortened so that products with levels are exact in float32, and fitted again at the end. */
  readonly step: number;
  /** Whether levels follow a trellis: about 1 dB less error at equal size, for codecs that know the machine. Default false. */
  readonly trellis?: boolean;
  /** Rows of the matrix, a divisor of the numbers: a trellis runs down each column. Default as in `rowImportance`, else one column. */
  readonly rows?: number;
  /** Squared steps that saving one bit may cost; default what suits high and middling rates. 0: to the nearest. */
  readonly slope?: number;
  /** Factor of each row's squared error, ≥ 0, for rows of equal length; only ratios matter. Default 1 for all. */
  readonly rowImportance?: Float32Array;
}

/** Numbers as multiples of a step. */
export interface Levels {
  readonly levels: Int32Array;
  readonly step: number;
  readonly trellis: boolean;
  /** Σ (w − step · level)², rows times their importance. */
  readonly error: number;
  /** What the levels take, as an adaptive code without contexts would write them. */
  readonly bits: number;
}

/*
 * At high rates a lattice of step Δ makes the error D = Δ²/12 a number, and a bit less makes it four times that: the slope
 * −dD/dR = 2·ln 2·D = 0.116 Δ². Two quantisers of step 2Δ in a trellis make 1 dB less than Δ²/3: a slope of 0.37 Δ². Either
 * is flat around its best; measured on SqueezeNet and LeNet, with bytes of real files.
 */
const LATTICE_SLOPE = 0.116;
const TRELLIS_SLOPE = 0.45;

/**
 * Where zeros are given, as after pruning, paths have few forks, and a steep slope makes worse ones: measured at densities of 2 %
 * to 100 %. And what symbols cost cannot be told from a few of them: rates learned so would reinforce themselves.
 */
function defaultSlope(trellis: boolean, things: number, count: number): number {
  const steepest = trellis ? Math.min(TRELLIS_SLOPE, 0.1 + (1.05 * things) / (count || 1)) : LATTICE_SLOPE;
  return (steepest * things) / (things + FEW);
}

const FEW = 500;

/** Rounds of what symbols cost and what is rounded to what; more change little. */
const PASSES = 4;

/**
 * Rounds numbers to multiples of a step so that Σ ω (w − step · level)² + λ · bits is locally least, λ = slope · step²: what
 * symbols cost follows from how often they occur, how often they occur from the rounding. Zeros stay zero.
 *
 * @param values - finite numbers
 * @throws RangeError if an option is outside its range
 * @example
 * toLevels(Float32Array.of(0.9, 0, -2.2), { step: 0.5, slope: 0 }).levels // Int32Array [2, 0, -4]
 */
export function toLevels(values: Float32Array, options: LevelOptions): Levels {
  const { trellis = false } = options;
  checkLevelOptions(options, values.length);
  const rows = options.rows ?? options.rowImportance?.length ?? values.length;
  let largest = 0;
  let things = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size > largest) largest = size;
    if (size > 0) things++;
  }
  const { slope = defaultSlope(trellis, things, values.length) } = options;
  const step = shortStep(options.step, largest);
  const rowImportance = options.rowImportance && meanOne(options.rowImportance);
  const round = trellis ? roundToTrellis : roundToLattice;
  const fixed = { step, rows, ...(rowImportance && { rowImportance }) };
  const levels = new Int32Array(values.length);
  let counts = new SizeCounts();
  for (let pass = 0; pass <= (slope > 0 ? PASSES : 0); pass++) {
    const rates = pass === 0 ? noRates() : counts.rates();
    counts = new SizeCounts();
    round(values, { ...fixed, rates, slope: pass === 0 ? 0 : slope }, counts, levels);
  }
  const refit = refitStep(values, levels, step, options.rowImportance);
  return { levels, step: refit.step, trellis, error: refit.error, bits: counts.bits };
}

/**
 * Makes shared weights of levels: the codebook holds the multiples in use, ascending, without zero; zeros are pruned.
 *
 * @throws RangeError if more than 65,536 different levels are in use
 * @example
 * levelsToShared({ levels: Int32Array.of(2, 0, -4), step: 0.5 }) // { kind: 'shared', codebook: Float32Array [-2, 1], indices: Uint16Array [1, 0, 0], mask: Uint8Array [1, 0, 1] }
 */
export function levelsToShared({ levels, step }: Pick<Levels, 'levels' | 'step'>): Shared {
  let top = 0;
  for (let i = 0; i < levels.length; i++) {
    const size = Math.abs(levels[i]!);
    if (size > top) top = size;
  }
  const used = new Uint8Array(2 * top + 1); // used[top + level]
  for (let i = 0; i < levels.length; i++) used[top + levels[i]!] = 1;
  used[top] = 0;
  const codebook: number[] = [];
  const place = new Uint16Array(2 * top + 1);
  for (let at = 0; at < used.length; at++) if (used[at]) place[at] = codebook.push((at - top) * step) - 1;
  if (codebook.length > 65536) {
    throw new RangeError(`levelsToShared: "levels" expected at most 65536 different ones, got ${codebook.length}`);
  }
  const indices = new Uint16Array(levels.length);
  const mask = new Uint8Array(levels.length);
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i]!;
    if (level === 0) continue;
    indices[i] = place[top + level]!;
    mask[i] = 1;
  }
  return { kind: 'shared', codebook: Float32Array.from(codebook), indices, mask };
}

function meanOne(importance: Float32Array): Float32Array {
  const mean = importance.reduce((sum, factor) => sum + factor, 0) / (importance.length || 1);
  return mean > 0 ? importance.map((factor) => factor / mean) : importance;
}

function checkLevelOptions({ step, slope = 0, rowImportance, rows }: LevelOptions, count: number): void {
  if (!(step > 0 && step < Infinity)) {
    throw new RangeError(`toLevels: "step" expected a finite number > 0, got ${step}`);
  }
  if (!(slope >= 0 && slope < Infinity)) {
    throw new RangeError(`toLevels: "slope" expected a finite number ≥ 0, got ${slope}`);
  }
  if (rows !== undefined && !isRowCount(rows, count)) {
    throw new RangeError(`toLevels: "rows" expected a divisor of ${count}, got ${rows}`);
  }
  const factors = rowImportance?.length ?? 0;
  if (rowImportance && !(rows === undefined ? isRowCount(factors, count) : factors === rows)) {
    const of = rows === undefined ? `${count} numbers` : `${rows} rows`;
    throw new RangeError(`toLevels: "rowImportance" expected a number for each row, got ${factors} for ${of}`);
  }
  const wrong = rowImportance?.findIndex((factor) => !(factor >= 0 && factor < Infinity)) ?? -1;
  if (wrong >= 0) {
    throw new RangeError(
      `toLevels: "rowImportance" expected finite numbers ≥ 0, got ${rowImportance![wrong]} at index ${wrong}`,
    );
  }
}

/** Whether so many numbers make so many whole rows. */
export const isRowCount = (rows: number, count: number): boolean =>
  Number.isInteger(rows) && (rows > 0 ? count % rows === 0 : rows === 0 && count === 0);

import { largestWithin } from './_largest-within.ts';
import { isRowCount, type Levels, toLevels } from './quantize.ts';

/** A tensor that competes for bits. */
export interface Tensor {
  readonly name: string;
  readonly values: Float32Array;
  /** Factor of its squared error, > 0; default 1. */
  readonly importance?: number;
  /** Factors of its rows' squared errors, ≥ 0, for rows of equal length; only ratios matter. Default 1 for all. */
  readonly rowImportance?: Float32Array;
  /** Whether its levels follow a trellis; default false. */
  readonly trellis?: boolean;
  /** Rows of the matrix, a divisor of the numbers: a trellis runs down each column. Default as in `rowImportance`, else one column. */
  readonly rows?: number;
}

/** What may be spent, or what must be reached. */
export type Budget =
  | {
      /** Most distortion: Σ importance · ‖Δw‖² / ‖w‖² over tensors; or ‖Δw‖² where `distortion` is `'absolute'`. */
      readonly error: number;
    }
  | {
      /** Most bits, as they are estimated. */
      readonly bits: number;
    }
  | {
      /** Most bytes that `sizeOf` may say of the result. */
      readonly bytes: number;
      sizeOf(levels: readonly Levels[]): number;
    };

export interface AllocateOptions {
  /**
   * What counts as distortion of a tensor: its squared error relative to its squared numbers (default), or as it is.
   *
   * Relative errors add up along a network: each layer adds noise in that proportion to what flows through it, whatever the
   * scale, and a network whose layers are scaled up and down against each other computes the same. Absolute errors do not see
   * that, and spend all on the layers with large numbers.
   */
  readonly distortion?: 'relative' | 'absolute';
  /** As of `toLevels`. */
  readonly slope?: number;
  readonly signal?: AbortSignal;
  /** Called after each try with how many there were. */
  readonly onTry?: (tries: number) => void;
}

export interface Allocation {
  /** In the order of the tensors. */
  readonly tensors: readonly Levels[];
  /** The distortion of all, as `distortion` defines it. */
  readonly error: number;
  /** Estimated. */
  readonly bits: number;
  /** As `sizeOf` said; absent without a budget in bytes. */
  readonly bytes?: number;
}

/**
 * Spends a budget over tensors so that Σ D + λ·R is least: all tensors have the same price of a bit, −dD/dR.
 *
 * That price fixes each step. A tensor of importance ω and step Δ makes the distortion D ≈ ω·κ·Δ² a number, and one bit less
 * makes it four times that. So the price 2·ln 2·ω·κ·Δ² is equal where Δ = scale/√ω: one number is left, the scale, and it is
 * found by bisection, as both distortion and rate are monotone in it. What the rounding of each number may cost a bit is in
 * proportion (see `toLevels`), so that the same λ rules between tensors and within.
 *
 * Large tensors are sampled during the search. The result keeps its budget exactly.
 *
 * @throws RangeError if an option is outside its range, a number is not finite, or the budget is out of reach, saying what is possible
 * @example
 * allocate([{ name: 'ip', values: Float32Array.of(1, 2, 3) }], { error: 0.01 }).error <= 0.01 // true
 * @see Shoham, Gersho 1988, Efficient bit allocation for an arbitrary set of quantizers
 */
export function allocate(tensors: readonly Tensor[], budget: Budget, options: AllocateOptions = {}): Allocation {
  checkTensors(tensors);
  checkBudget(budget);
  const first = allocateAt(tensors, budget, options);
  if (options.slope !== undefined || uses(first, budget) > WELL_USED) return first;
  // Where a bit is dear enough, whole tensors collapse to zero from one scale to the next. With a gentler slope, later.
  const gentle = allocateAt(tensors, budget, { ...options, slope: 0.05 });
  const better = 'error' in budget ? gentle.bits < first.bits : gentle.error < first.error;
  return better ? gentle : first;
}

/** A result that uses less of its budget has jumped over the rest. */
const WELL_USED = 0.95;

const uses = (made: Allocation, budget: Budget): number =>
  'error' in budget
    ? made.error / budget.error
    : 'bits' in budget
      ? made.bits / budget.bits
      : made.bytes! / budget.bytes;

function allocateAt(tensors: readonly Tensor[], budget: Budget, options: AllocateOptions): Allocation {
  const trial = trialOf(tensors, options);
  const count = tensors.reduce((sum, { values }) => sum + countNonZero(values), 0) || 1;
  if ('error' in budget) {
    // D ∝ scale², about 1/6 of it a number: x is log2 of the scale, y of the distortion.
    const found = search(trial, ({ error }) => error / budget.error, {
      direction: 1,
      start: Math.log2(Math.sqrt((6 * budget.error) / count)),
      slope: 2,
    });
    if (found.within) return found.within;
    throw new RangeError(
      `allocate: "error" expected at least ${found.last.error}, the least there is, got ${budget.error}`,
    );
  }
  // Numbers take a bit less where the scale doubles: y = log2 of the size falls, so x is −log2 of the scale.
  const most = 'bits' in budget ? budget.bits : 8 * budget.bytes;
  const found = search(trial, ({ bits }) => bits / most, {
    direction: -1,
    start: (trial.coarsest + trial.finest) / 2,
    slope: (0.8 * count) / (most * Math.LN2),
    ...('bytes' in budget && { sizeOf: (levels: readonly Levels[]) => budget.sizeOf(levels) }),
  });
  if (found.within) return found.within;
  throw new RangeError(
    'bytes' in budget
      ? `allocate: "bytes" expected at least ${found.last.bytes}, the smallest possible, got ${budget.bytes}`
      : `allocate: "bits" expected at least ${Math.ceil(found.last.bits)}, the smallest possible, got ${budget.bits}`,
  );
}

interface Aim {
  /** 1 if the ratio rises with the scale, −1 if it falls. */
  readonly direction: 1 | -1;
  /** log2 of a scale. */
  readonly start: number;
  readonly slope: number;
  sizeOf?(levels: readonly Levels[]): number;
}

/** Finds the scale that uses the budget up: on samples, then on everything. */
function search(
  trial: Trial,
  ratioOf: (totals: Totals) => number,
  { direction, start, slope, sizeOf }: Aim,
): { within: Allocation | undefined; last: Allocation } {
  const ends = [direction * trial.finest, direction * trial.coarsest].sort((a, b) => a - b);
  const range = { from: ends[0]!, to: ends[1]!, slope, tolerance: CLOSE };
  const sampled = largestWithin((x) => log2(ratioOf(trial.sampled(2 ** (direction * x)))), {
    ...range,
    start: direction * start,
    most: 24,
  });
  let within: Allocation | undefined;
  let withinAt = -Infinity;
  let last: Allocation | undefined;
  largestWithin(
    (x) => {
      const made = trial.whole(2 ** (direction * x));
      const bytes = sizeOf?.(made.tensors);
      last = bytes === undefined ? made : { ...made, bytes };
      const ratio = bytes === undefined ? ratioOf(made) : ratioOf({ ...made, bits: 8 * bytes });
      if (ratio <= 1 && x > withinAt) {
        within = last;
        withinAt = x;
      }
      return log2(ratio);
    },
    { ...range, start: sampled ?? range.from, most: 12 },
  );
  return { within, last: last! };
}

/** Nothing at all is little. */
const log2 = (ratio: number): number => Math.log2(Math.max(ratio, 2 ** -40));

/** Octaves below the budget that a result may stay: 0.2 %. */
const CLOSE = 0.003;

interface Totals {
  readonly error: number;
  readonly bits: number;
}

/** What scales make of tensors. Scales are in units of the square root of distortion. */
interface Trial {
  /** log2 of the scale that makes every number zero, and of one that changes hardly anything. */
  readonly coarsest: number;
  readonly finest: number;
  sampled(scale: number): Totals;
  whole(scale: number): Allocation;
}

function trialOf(tensors: readonly Tensor[], options: AllocateOptions): Trial {
  const { distortion = 'relative', slope, signal, onTry } = options;
  let tries = 0;
  const competitors = tensors.map((tensor) => {
    const energy = energyOf(tensor);
    const weight = (tensor.importance ?? 1) / (distortion === 'relative' && energy > 0 ? energy : 1);
    const sample = sampleOf(tensor);
    const factor = sample === tensor ? 1 : tensor.values.length / sample.values.length;
    return { tensor, weight, sample, factor };
  });
  const levelsOf = (tensor: Tensor, scale: number, weight: number): Levels => {
    signal?.throwIfAborted();
    const { values, rowImportance, rows, trellis = false } = tensor;
    return toLevels(values, {
      step: scale / Math.sqrt(weight),
      trellis,
      ...(slope !== undefined && { slope }),
      ...(rowImportance && { rowImportance }),
      ...(rows !== undefined && { rows }),
    });
  };
  const totals = (made: readonly Levels[], factors: readonly number[]): Totals => {
    onTry?.(++tries);
    return {
      error: made.reduce((sum, { error }, i) => sum + competitors[i]!.weight * factors[i]! * error, 0),
      bits: made.reduce((sum, { bits }, i) => sum + factors[i]! * bits, 0),
    };
  };
  const coarsest = competitors.reduce((most, { tensor: { values }, weight }) => {
    const largest = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
    return Math.max(most, 4 * largest * Math.sqrt(weight));
  }, 2 ** -100);
  return {
    coarsest: Math.log2(coarsest),
    finest: Math.log2(coarsest) - 24,
    sampled: (scale) =>
      totals(
        competitors.map(({ sample, weight }) => levelsOf(sample, scale, weight)),
        competitors.map(({ factor }) => factor),
      ),
    whole(scale) {
      const made = competitors.map(({ tensor, weight }) => levelsOf(tensor, scale, weight));
      return {
        tensors: made,
        ...totals(
          made,
          competitors.map(() => 1),
        ),
      };
    },
  };
}

/** Numbers of a tensor that are looked at while searching, and how many in a row. */
const SAMPLE = 2 ** 17;
const RUN = 2048;

function countNonZero(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}

function energyOf({ values, rowImportance }: Tensor): number {
  const rows = rowImportance?.length ?? 1;
  let energy = 0;
  for (let row = 0, i = 0; row < rows; row++) {
    const end = Math.round(((row + 1) * values.length) / rows);
    let ofRow = 0;
    for (; i < end; i++) ofRow += values[i]! ** 2;
    energy += (rowImportance ? rowImportance[row]! : 1) * ofRow;
  }
  return energy;
}

/** Whole rows where rows differ in importance, else runs, evenly spread, as one column. */
function sampleOf(tensor: Tensor): Tensor {
  const { values, rowImportance } = tensor;
  if (values.length <= 2 * SAMPLE) return tensor;
  const run = rowImportance ? values.length / rowImportance.length : RUN;
  const runs = Math.max(1, Math.floor(SAMPLE / run));
  const available = Math.floor(values.length / run);
  const sample = new Float32Array(runs * run);
  const importance = new Float32Array(runs);
  for (let i = 0; i < runs; i++) {
    const which = Math.floor(((i + 0.5) * available) / runs);
    sample.set(values.subarray(which * run, (which + 1) * run), i * run);
    importance[i] = rowImportance?.[which] ?? 1;
  }
  return rowImportance
    ? { ...tensor, values: sample, rowImportance: importance, rows: runs }
    : { ...tensor, values: sample, rows: sample.length };
}

function checkTensors(tensors: readonly Tensor[]): void {
  for (const { name, values, importance = 1, rowImportance, rows } of tensors) {
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new RangeError(`allocate: "${name}" expected finite numbers, got ${values[wrong]} at index ${wrong}`);
    }
    if (!(importance > 0 && importance < Infinity)) {
      throw new RangeError(`allocate: "importance" of "${name}" expected a finite number > 0, got ${importance}`);
    }
    if (rowImportance && !(rowImportance.length > 0 && values.length % rowImportance.length === 0)) {
      throw new RangeError(
        `allocate: "rowImportance" of "${name}" expected a number for each of its rows, got ${rowImportance.length} for ${values.length} numbers`,
      );
    }
    if (rows !== undefined && !isRowCount(rows, values.length)) {
      throw new RangeError(`allocate: "rows" of "${name}" expected a divisor of ${values.length}, got ${rows}`);
    }
    if (rows !== undefined && rowImportance && rowImportance.length !== rows) {
      throw new RangeError(
        `allocate: "rowImportance" of "${name}" expected a number for each of ${rows} rows, got ${rowImportance.length}`,
      );
    }
  }
}

function checkBudget(budget: Budget): void {
  const [name, value] = Object.entries(budget)[0] as [string, number];
  if (!(value > 0 && value < Infinity)) {
    throw new RangeError(`allocate: "${name}" expected a finite number > 0, got ${value}`);
  }
}

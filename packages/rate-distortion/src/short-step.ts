/** Levels stay below this: it is what files can hold. */
const MOST_LEVELS: number = 2 ** 20;

/** A float32 holds so many bits of a product. */
const FLOAT_BITS = 24;

/** Significant bits of a step: the last is worth 1 in 4,096, less than matters, and a file stores few. */
const STEP_BITS = 12;

/**
 * Finds the largest step up to a given one for which every product step · level is exact in float32, level up to largest / step
 * and a few more: whoever reads the products finds the step again, exactly.
 *
 * A product of numbers of a and b bits has at most a + b: the step gets what the levels leave of 24, at most 12.
 *
 * @param step - > 0; raised if more than 2²⁰ levels would be needed
 * @param largest - size of the largest number
 * @example
 * shortStep(0.1, 1) // 0.0999755859375
 */
export function shortStep(step: number, largest: number): number {
  const least = Math.max(step, largest / (MOST_LEVELS - SPARE), SMALLEST);
  const bits = stepBits(Math.ceil(largest / least) + SPARE);
  const shortened = toBits(least, bits, Math.floor);
  return largest / shortened <= MOST_LEVELS - SPARE ? shortened : toBits(least, bits, Math.ceil);
}

/**
 * Moves a step to where Σ ω (w − step · level)² is least, as far as exact products allow:
 *
 *     step = Σ ω·w·level / Σ ω·level²
 *
 * Rounding by rate draws numbers towards zero, so the best step is a little larger than the one rounded with.
 *
 * @returns the old step if that is better
 */
export function refitStep(
  values: Float32Array,
  levels: Int32Array,
  step: number,
  rowImportance?: Float32Array,
): { step: number; error: number } {
  const rows = rowImportance?.length ?? 1;
  let squares = 0;
  let products = 0;
  let energy = 0;
  let top = 0;
  for (let row = 0, i = 0; row < rows; row++) {
    const end = Math.round(((row + 1) * values.length) / rows);
    let rowSquares = 0;
    let rowProducts = 0;
    let rowEnergy = 0;
    for (; i < end; i++) {
      const value = values[i]!;
      const level = levels[i]!;
      rowSquares += level * level;
      rowProducts += value * level;
      rowEnergy += value * value;
      const size = Math.abs(level);
      if (size > top) top = size;
    }
    const importance = rowImportance ? rowImportance[row]! : 1;
    squares += importance * rowSquares;
    products += importance * rowProducts;
    energy += importance * rowEnergy;
  }
  // Σ (w − s·l)² = Σ w² − 2s Σ w·l + s² Σ l². At high resolution this cancels: then no step is better than the one there is.
  const errorOf = (s: number) => energy - 2 * s * products + s * s * squares;
  const error = errorOf(step);
  if (top === 0 || error < RESOLVED * energy) return { step, error: exactError(values, levels, step, rowImportance) };
  const moved = toBits(products / squares, stepBits(top), Math.round);
  const movedError = errorOf(moved);
  return movedError < error ? { step: moved, error: movedError } : { step, error };
}

/** Float64 sums of a hundred million terms are good to about 10⁻¹¹ of the energy. */
const RESOLVED = 1e-7;

function exactError(values: Float32Array, levels: Int32Array, step: number, rowImportance?: Float32Array): number {
  const rows = rowImportance?.length ?? 1;
  let error = 0;
  for (let row = 0, i = 0; row < rows; row++) {
    const end = Math.round(((row + 1) * values.length) / rows);
    let rowError = 0;
    for (; i < end; i++) rowError += (values[i]! - step * levels[i]!) ** 2;
    error += (rowImportance ? rowImportance[row]! : 1) * rowError;
  }
  return error;
}

/** Rounding may go beyond the largest number's own level, in a trellis by two. */
const SPARE = 4;

/** So that products with small numbers of bits are not subnormal. */
const SMALLEST = 2 ** -120;

const stepBits = (levels: number): number => Math.min(STEP_BITS, FLOAT_BITS - (32 - Math.clz32(levels)));

function toBits(value: number, bits: number, round: (value: number) => number): number {
  const unit = 2 ** (Math.floor(Math.log2(value)) - bits + 1);
  return round(value / unit) * unit;
}

import { checkFinite, checkMask } from './_arguments.ts';
import { takeLargest } from './_largest.ts';

/**
 * Which numbers survive: a share of them, those of some magnitude, or those large against the spread of their layer.
 */
export type MagnitudeRule =
  | {
      /** Kept share, 0 … 1. */
      readonly keep: number;
      /** At least so many are kept, if there are so many; default 1, so that no layer is cut through. */
      readonly min?: number;
    }
  | {
      /** Kept if |w| ≥ threshold; ≥ 0. */
      readonly threshold: number;
    }
  | {
      /** Kept if |w| ≥ quality · σ, σ the standard deviation of the numbers not yet pruned; ≥ 0. */
      readonly quality: number;
    };

/**
 * Chooses the connections to keep by their magnitude.
 *
 * With `keep`, exactly round(keep · n) of n numbers are kept (or all that are left, or `min`), the largest; of equal
 * ones those of lower index. Takes a time linear in n.
 *
 * @param values - the weights of a layer
 * @param rule - what survives
 * @param among - an earlier mask: what it has pruned stays pruned; default none
 * @param out - receives the mask, 1 = kept; may be `among`
 * @throws RangeError if a number is not finite, or the rule is outside its range
 * @example
 * magnitudeMask(Float32Array.of(0.1, -3, 2, 0), { keep: 0.5 }) // Uint8Array [0, 1, 1, 0]
 * @see Han, Pool, Tran, Dally 2015, sections 3 and 4 (`quality`)
 */
export function magnitudeMask(
  values: Float32Array,
  rule: MagnitudeRule,
  among?: Uint8Array,
  out: Uint8Array = new Uint8Array(values.length),
): Uint8Array {
  checkFinite('magnitudeMask', values);
  if (among) checkMask('magnitudeMask', 'among', among, values.length);
  checkMask('magnitudeMask', 'out', out, values.length, 'length');
  checkRule(rule);
  if ('keep' in rule) {
    const candidates = out === among ? among.slice() : among;
    takeLargest([{ values, among: candidates, taken: out.fill(0) }], keptOf(values.length, rule));
    return out;
  }
  const threshold = 'threshold' in rule ? rule.threshold : rule.quality * standardDeviation(values, among);
  for (let i = 0; i < out.length; i++) {
    out[i] = Math.abs(values[i]!) >= threshold && (among === undefined || among[i] === 1) ? 1 : 0;
  }
  return out;
}

/**
 * Finds the least magnitude that is kept when a share is: the threshold that `keep` amounts to, ties aside.
 *
 * @returns +Infinity if nothing is kept
 * @throws RangeError if a number is not finite, or `keep` is outside 0 … 1
 * @example
 * magnitudeThreshold(Float32Array.of(0.5, -3, 2, 0), 0.5) // 2
 */
export function magnitudeThreshold(values: Float32Array, keep: number): number {
  checkFinite('magnitudeThreshold', values);
  if (!(keep >= 0 && keep <= 1)) throw new RangeError(`magnitudeThreshold: "keep" expected 0 … 1, got ${keep}`);
  return takeLargest([{ values, taken: new Uint8Array(values.length) }], keptOf(values.length, { keep }));
}

/**
 * The standard deviation of the numbers that are kept, around their mean; 0 for none.
 *
 * @param mask - 1 = counts; default all
 * @example
 * standardDeviation(Float32Array.of(1, 3, 0), Uint8Array.of(1, 1, 0)) // 1
 */
export function standardDeviation(values: Float32Array, mask?: Uint8Array): number {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (mask !== undefined && mask[i] !== 1) continue;
    count++;
    sum += values[i]!;
  }
  if (count === 0) return 0;
  const mean = sum / count;
  let squares = 0; // of distances, in a second pass: a difference of large sums would cancel
  for (let i = 0; i < values.length; i++) {
    if (mask === undefined || mask[i] === 1) squares += (values[i]! - mean) ** 2;
  }
  return Math.sqrt(squares / count);
}

const keptOf = (length: number, { keep, min = 1 }: { keep: number; min?: number }): number =>
  Math.min(length, Math.max(min, Math.round(keep * length)));

function checkRule(rule: MagnitudeRule): void {
  const fail = (name: string, expected: string, got: unknown) => {
    throw new RangeError(`magnitudeMask: "${name}" expected ${expected}, got ${got}`);
  };
  if ('keep' in rule) {
    const { keep, min = 1 } = rule;
    if (!(keep >= 0 && keep <= 1)) fail('keep', '0 … 1', keep);
    if (!(Number.isInteger(min) && min >= 0)) fail('min', 'a whole number ≥ 0', min);
  } else if ('threshold' in rule) {
    if (!(rule.threshold >= 0)) fail('threshold', '≥ 0', rule.threshold);
  } else if (!('quality' in rule)) {
    throw new TypeError('magnitudeMask: "rule" expected one of keep, threshold, quality');
  } else if (!(rule.quality >= 0)) fail('quality', '≥ 0', rule.quality);
}

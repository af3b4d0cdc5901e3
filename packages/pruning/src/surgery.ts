import { checkFinite, checkMask } from './_arguments.ts';
import { takeLargest } from './_largest.ts';

/**
 * Two thresholds apart, so that a connection near the border does not flicker: as magnitudes, or as a share to keep.
 */
export type SurgeryRule =
  | {
      /** A kept connection is pruned if |w| < prune; ≥ 0. */
      readonly prune: number;
      /** A pruned connection comes back if |w| ≥ splice; ≥ `prune`. */
      readonly splice: number;
    }
  | {
      /**
       * Share that is kept afterwards, 0 … 1; finds the threshold t with prune = t · (1 − margin), splice = t · (1 +
       * margin).
       */
      readonly keep: number;
      /** 0 ≤ margin < 1; default 0.1. */
      readonly margin?: number;
    };

/**
 * Cuts connections that have become weak and splices those that have become strong again.
 *
 * With a = `prune` and b = `splice`, h(w) = 0 if |w| < a, the previous mask if a ≤ |w| < b, 1 if b ≤ |w|.
 *
 * With `keep`, t is such that exactly round(keep · n) of n are kept: a connection stays if |w| / (1 − margin) ≥ t or
 * comes back if |w| / (1 + margin) ≥ t, so the numbers compete with magnitudes scaled that way; of equal ones those
 * that were kept go first.
 *
 * @param values - the weights, pruned ones included: they must be free to grow for anything to come back
 * @param previous - the mask so far, 1 = kept
 * @param out - receives the new mask; may be `previous`
 * @throws RangeError if a number is not finite, or the rule is outside its range
 * @example
 * surgeryMask(Float32Array.of(1, 3, 3, 5), Uint8Array.of(1, 1, 0, 0), { prune: 2, splice: 4 }) // Uint8Array [0, 1, 0, 1]
 * @see Guo, Yao, Chen 2016: Dynamic network surgery for efficient DNNs. Equation 3
 */
export function surgeryMask(
  values: Float32Array,
  previous: Uint8Array,
  rule: SurgeryRule,
  out: Uint8Array = new Uint8Array(values.length),
): Uint8Array {
  checkFinite('surgeryMask', values);
  checkMask('surgeryMask', 'previous', previous, values.length);
  checkMask('surgeryMask', 'out', out, values.length, 'length');
  checkRule(rule);
  if ('keep' in rule) {
    const { keep, margin = 0.1 } = rule;
    const before = previous.slice(); // `out` may be `previous`
    const taken = out.fill(0);
    const kept = { values, taken, among: before, scale: 1 - margin };
    const pruned = { values, taken, among: before.map((bit) => 1 - bit), scale: 1 + margin };
    takeLargest([kept, pruned], Math.round(keep * values.length));
    return out;
  }
  for (let i = 0; i < out.length; i++) {
    const magnitude = Math.abs(values[i]!);
    out[i] = magnitude < rule.prune ? 0 : magnitude >= rule.splice ? 1 : previous[i]!;
  }
  return out;
}

function checkRule(rule: SurgeryRule): void {
  if ('keep' in rule) {
    const { keep, margin = 0.1 } = rule;
    if (!(keep >= 0 && keep <= 1)) throw new RangeError(`surgeryMask: "keep" expected 0 … 1, got ${keep}`);
    if (!(margin >= 0 && margin < 1))
      throw new RangeError(`surgeryMask: "margin" expected 0 ≤ margin < 1, got ${margin}`);
    return;
  }
  const { prune, splice } = rule;
  if (!(prune >= 0)) throw new RangeError(`surgeryMask: "prune" expected ≥ 0, got ${prune}`);
  if (!(splice >= prune)) throw new RangeError(`surgeryMask: "splice" expected ≥ prune = ${prune}, got ${splice}`);
}

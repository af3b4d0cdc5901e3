import type { Random, Shared } from '@pare/core';
import { checkOneOf, checkWhole } from './_check.ts';
import { keep } from './_kept.ts';
import { prefixSums } from './_prefix-sums.ts';
import { countUpTo } from './_search.ts';
import { assign } from './assign.ts';
import { MAX_COUNT } from './clustering.ts';
import { type Init, linearInit, linearInitAroundZero, startCentroids } from './init.ts';
import { sortFloats } from './sort.ts';

export interface EntropyOptions {
  /** λ ≥ 0: the squared error that saving one bit may cost. 0 gives plain k-means. */
  readonly lambda: number;
  /** Most entries to start from; those that do not pay are dropped. Default 256; a linear start takes no more than λ allows. */
  readonly count?: number;
  /** Whether zero is a symbol of its own: values that are better off there are pruned. Default false. */
  readonly zero?: boolean;
  /** Where entries start; default `'linear'`. */
  readonly init?: Init;
  /** Most rounds; default 1000. */
  readonly iterations?: number;
  /** Draws the start; needed by `init: 'random'` only. */
  readonly random?: Random;
}

export interface EntropyConstrained {
  readonly form: Shared;
  /** Σ (w_i − ŵ_i)² over the values kept at the start. */
  readonly error: number;
  /** Σ −log₂ p: the ideal size of the symbols, without the codebook. With `zero` that is of all values, pruned ones included. */
  readonly bits: number;
  readonly iterations: number;
}

/**
 * Makes values share a codebook so that Σ (w_i − c_k(i))² + λ·Σ −log₂ p_k(i) is locally least, p_k the share of symbol k.
 *
 * Three steps in turn, none of which can raise the sum: each value takes the symbol that is cheapest for it, c_k becomes
 * the mean of its members, p_k their share. Symbols that lose all members are gone.
 *
 * With `zero`, pruning and sharing are one decision: zero is a symbol with c = 0 whose bits are paid like any other's, and
 * already pruned values count as its members. So small values die because zero, being frequent, is cheap.
 *
 * @param values - finite numbers
 * @param mask - 1 = kept; absent if all are
 * @throws RangeError if a kept value or an option is outside its range
 * @throws TypeError if `init` is `'random'` and `random` is absent
 * @example
 * shareEntropyConstrained(Float32Array.of(-1, 0.1, 0, -0.1, 1.1, 0), undefined, { lambda: 0.05, zero: true }).form.mask // Uint8Array [1, 0, 0, 0, 1, 0]
 * @see Chou, Lookabaugh, Gray, Entropy-constrained vector quantization, IEEE Trans. ASSP 37(1), 1989, section III
 */
export function shareEntropyConstrained(
  values: Float32Array,
  mask: Uint8Array | undefined,
  options: EntropyOptions,
): EntropyConstrained {
  checkEntropyOptions('shareEntropyConstrained', options);
  const { lambda, zero = false, iterations: most = 1000 } = options;
  const kept = keep('shareEntropyConstrained', values, mask);
  const sorted = sortFloats(kept.values).values;
  const pruned = zero ? values.length - sorted.length : 0;
  const { cells, bounds, bits, iterations } = descend(sorted, startSymbols(sorted, options), lambda, pruned, most);

  const symbols = assign(kept.values, bounds);
  const codebook = Float32Array.from(cells, ({ centroid }) => centroid + 0); // + 0: no −0
  const zeroAt = cells.findIndex(({ fixed }) => fixed);
  const indices = new Uint16Array(values.length);
  let error = 0;
  let next = 0;
  for (let i = 0; i < values.length; i++) {
    if (!kept.mask[i]) continue;
    const symbol = symbols[next++]!;
    error += (values[i]! - codebook[symbol]!) ** 2;
    if (symbol === zeroAt) kept.mask[i] = 0;
    else indices[i] = zeroAt >= 0 && symbol > zeroAt ? symbol - 1 : symbol; // the entry for zero leaves the codebook
  }
  const form: Shared = { kind: 'shared', codebook: codebook.filter((_, k) => k !== zeroAt), indices, mask: kept.mask };
  return { form, error, bits, iterations };
}

/** Checks what can be checked before there are values. */
export function checkEntropyOptions(where: string, options: EntropyOptions): void {
  const { lambda, count = 1, init = 'linear', iterations = 1 } = options;
  if (!(lambda >= 0 && lambda < Infinity)) {
    throw new RangeError(`${where}: "lambda" expected a finite number ≥ 0, got ${lambda}`);
  }
  checkWhole(where, 'count', count, 1, MAX_COUNT - 1); // zero may be one more
  checkOneOf(where, 'init', init, ['linear', 'density', 'random']);
  checkWhole(where, 'iterations', iterations, 1, Number.MAX_SAFE_INTEGER);
}

interface Candidate {
  readonly centroid: number;
  /** −log₂ p */
  readonly bits: number;
  /** Whether it is the zero that does not move. */
  readonly fixed: boolean;
}

/** At first all symbols are as likely: each value goes to the nearest. */
function startSymbols(sorted: Float32Array, options: EntropyOptions): Candidate[] {
  const { zero = false } = options;
  const start = sorted.length > 0 ? startOf(sorted, options) : new Float64Array(0);
  const symbols = Array.from(start, (centroid) => ({ centroid, bits: 0, fixed: false }));
  return zero ? [ZERO, ...symbols] : symbols;
}

function startOf(sorted: Float32Array, options: EntropyOptions): Float64Array {
  const { lambda, count = 256, init = 'linear', zero = false, random } = options;
  if (init === 'linear') {
    const steps = usefulSteps(sorted, lambda);
    return zero
      ? linearInitAroundZero(sorted, Math.min(count, Math.max(2, steps)))
      : linearInit(sorted, Math.min(count, steps + 1));
  }
  const start = startCentroids(sorted, Math.min(zero ? count + 1 : count, sorted.length), init, random);
  if (!zero) return start;
  // Zero takes the place of the entry nearest to it, which would otherwise draw off its members.
  const nearest = start.reduce((best, centroid, k) => (Math.abs(centroid) < Math.abs(start[best]!) ? k : best), 0);
  return start.filter((_, k) => k !== nearest);
}

/**
 * How many even steps over the range are as wide as bits at this price want them.
 *
 * Steps of Δ make an error of D = Δ²/12 a value, and halving them costs one bit: dD/dR = −2·ln 2·D (Gish and Pierce 1968).
 * At the best point that slope is −λ, so Δ = √(6λ / ln 2). A start much finer gets stuck with too many entries.
 */
function usefulSteps(sorted: Float32Array, lambda: number): number {
  const range = sorted[sorted.length - 1]! - sorted[0]!;
  return lambda > 0 ? Math.ceil(range / Math.sqrt((6 * lambda) / Math.LN2)) : MAX_COUNT;
}

const ZERO: Candidate = { centroid: 0, bits: 0, fixed: true };

/** Alternates the three steps until the cost stops falling. */
function descend(sorted: Float32Array, start: Candidate[], lambda: number, pruned: number, most: number): Descent {
  const sums = prefixSums(sorted);
  const total = sorted.length + pruned;
  let symbols = start;
  let cost = Infinity;
  for (let iterations = 1; ; iterations++) {
    const { winners, bounds } = cheapest(symbols, lambda);
    const cells: Candidate[] = [];
    const between: number[] = []; // the bounds between cells that have members
    let explained = 0; // Σ (w − c)² = Σ w² − Σ c·(2·Σ_members w − c·members)
    let bits = 0;
    let end = 0;
    for (const [k, { centroid, fixed }] of winners.entries()) {
      const from = end;
      end = countUpTo(sorted, bounds[k] ?? Infinity, from);
      const members = end - from;
      const count = members + (fixed ? pruned : 0);
      if (count === 0) continue;
      const moment = sums.moment(end) - sums.moment(from);
      const cell = { centroid: fixed ? centroid : moment / members, bits: Math.log2(total / count), fixed };
      if (cells.length > 0) between.push(bounds[k - 1]!);
      cells.push(cell);
      explained += cell.centroid * (2 * moment - cell.centroid * members);
      bits += count * cell.bits;
    }
    // Pruned values have no other symbol: it lives on where no kept value wants it.
    const outside =
      pruned > 0 && !cells.some(({ fixed }) => fixed) ? [{ ...ZERO, bits: Math.log2(total / pruned) }] : [];
    for (const symbol of outside) bits += pruned * symbol.bits;
    const previous = cost;
    cost = lambda * bits - explained; // Σ w² is the same in all rounds
    if (iterations === most || !(cost < previous)) {
      return { cells, bounds: Float64Array.from(between), bits, iterations };
    }
    symbols = [...outside, ...cells];
  }
}

interface Descent {
  /** Ascending intervals of values, each with its symbol. */
  readonly cells: readonly Candidate[];
  readonly bounds: Float64Array;
  readonly bits: number;
  readonly iterations: number;
}

/**
 * Says which symbol is cheapest where: the lower envelope of the costs as functions of w.
 *
 * (w − c)² + λ·bits = w² − 2c·w + (c² + λ·bits). Without w², common to all, these are lines; c ascending, their slopes
 * descend, so each new line is lowest from some point on, and hides those before it that would be lowest only beyond it.
 */
function cheapest(symbols: readonly Candidate[], lambda: number): { winners: Candidate[]; bounds: number[] } {
  const winners: Candidate[] = [];
  const bounds: number[] = []; // bounds[k] parts winners[k] from winners[k + 1]; ascending
  const byCentroid = [...symbols].sort((a, b) => a.centroid - b.centroid || a.bits - b.bits);
  for (const symbol of byCentroid) {
    if (winners.at(-1)?.centroid === symbol.centroid) continue; // parallel, and not lower
    while (winners.length > 0) {
      const last = winners.at(-1)!;
      const dearer = lambda * (symbol.bits - last.bits);
      const bound = (last.centroid + symbol.centroid) / 2 + dearer / (2 * (symbol.centroid - last.centroid));
      if (bounds.length === 0 || bound > bounds.at(-1)!) {
        bounds.push(bound);
        break;
      }
      winners.pop();
      bounds.pop();
    }
    winners.push(symbol);
  }
  return { winners, bounds };
}

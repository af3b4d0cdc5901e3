import type { Random, Shared } from '@pare/core';
import { checkLength, checkOneOf, checkWhole } from './_check.ts';
import { keep, spread } from './_kept.ts';
import { MAX_COUNT } from './clustering.ts';
import { shareEntropyConstrained } from './entropy-constrained.ts';
import type { Init } from './init.ts';
import { kmeans } from './kmeans.ts';
import { optimalKmeans } from './optimal.ts';

export interface ShareOptions {
  /** Bits per index, 1 … 16: the codebook gets 2^bits entries. Give this or `count`. */
  readonly bits?: number;
  /** Entries of the codebook, 1 … 65 536. Give this or `bits`. */
  readonly count?: number;
  /** `'lloyd'` finds a local optimum fast, `'optimal'` the best there is; default `'lloyd'`. */
  readonly method?: 'lloyd' | 'optimal';
  /** Where Lloyd's algorithm starts; default `'linear'`. */
  readonly init?: Init;
  /** Most rounds of Lloyd's algorithm; default 1000. */
  readonly iterations?: number;
  /** Draws the start; needed by `init: 'random'` only. */
  readonly random?: Random;
  /** h_i ≥ 0, one per value (kept or not): how much its error counts; default 1 each. */
  readonly importance?: Float32Array;
  /** Whether zero is one more entry, which never moves: values nearest to it are pruned. Default false. */
  readonly zero?: boolean;
}

/**
 * Makes values share the entries of a codebook. Only kept ones take part; the mask stays (with `zero` it may lose members).
 *
 * The codebook is ascending and holds no entry twice or unused. So it has fewer than 2^bits entries if there are fewer
 * different values, and none if nothing is kept.
 *
 * @param values - finite numbers
 * @param mask - 1 = kept; absent if all are
 * @throws RangeError if a kept value or an option is outside its range, or options contradict each other
 * @throws TypeError if neither or both of `bits` and `count` are given, or `random` is needed and absent
 * @example
 * shareValues(Float32Array.of(1, 0, 1.5, -2), Uint8Array.of(1, 0, 1, 1), { bits: 1 }).codebook // Float32Array [-2, 1.25]
 * @see Han, Mao, Dally 2016, section 3.1
 */
export function shareValues(values: Float32Array, mask: Uint8Array | undefined, options: ShareOptions): Shared {
  checkShareOptions('shareValues', options);
  const { bits, count = 2 ** bits!, method = 'lloyd', importance, zero = false, ...search } = options;
  checkLength('shareValues', 'importance', importance, values.length);
  // Without a price on bits the entropy-constrained search is Lloyd's, and knows how to hold an entry at zero.
  if (zero) {
    const most = Math.min(count, MAX_COUNT - 1); // the zero is one more symbol
    return shareEntropyConstrained(values, mask, { ...search, count: most, lambda: 0, zero }).form;
  }
  const kept = keep('shareValues', values, mask);
  const counts = importance && { importance: keep('shareValues', importance, mask).values };
  const { codebook, indices } =
    method === 'optimal'
      ? optimalKmeans(kept.values, count, counts)
      : kmeans(kept.values, count, { ...search, ...counts });
  return { kind: 'shared', codebook, indices: spread(indices, kept.mask), mask: kept.mask };
}

/** Checks what can be checked before there are values. */
export function checkShareOptions(where: string, options: ShareOptions): void {
  const { bits, count, method = 'lloyd', init = 'linear', iterations = 1, zero = false, importance } = options;
  if ((bits === undefined) === (count === undefined)) {
    throw new TypeError(`${where}: expected one of "bits" and "count", got ${bits === undefined ? 'neither' : 'both'}`);
  }
  if (bits !== undefined) checkWhole(where, 'bits', bits, 1, 16);
  if (count !== undefined) checkWhole(where, 'count', count, 1, MAX_COUNT);
  checkOneOf(where, 'method', method, ['lloyd', 'optimal']);
  checkOneOf(where, 'init', init, ['linear', 'density', 'random']);
  checkWhole(where, 'iterations', iterations, zero ? 1 : 0, Number.MAX_SAFE_INTEGER);
  if (zero && (method === 'optimal' || importance)) {
    throw new RangeError(
      `${where}: "zero" expected false with ${importance ? '"importance"' : `method 'optimal'`}, got true`,
    );
  }
}

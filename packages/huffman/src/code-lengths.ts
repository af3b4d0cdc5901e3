/** Options of {@link codeLengths}. */
export interface CodeLengthOptions {
  /** Longest code allowed, in bits, 1…24. Default 15. */
  readonly maxLength?: number;
}

/**
 * Finds the code lengths that make a stream with this histogram shortest, none longer than `maxLength`.
 *
 * Minimises Σ histogram[s]·lengths[s] subject to Σ 2^−lengths[s] = 1 by package-merge: a code of length l for symbol s
 * is a purchase of l coins worth 2⁻¹, 2⁻², …, 2^−l, each priced histogram[s]; the cheapest coins with a total value of
 * n − 1 are the optimal code. Takes O(n·maxLength) time and memory for n used symbols, after sorting them.
 *
 * Length 0 means that the symbol does not occur. A symbol that occurs alone gets length 1, so that one sees that it is
 * used; {@link encodeHuffman} writes it with no bits at all. Equal counts: the lower index gets the longer code.
 *
 * @param histogram - how often each symbol occurs; integers ≥ 0, at most 2^16 entries
 * @returns bits per symbol, one for each entry of the histogram
 * @throws RangeError if a count is not an integer ≥ 0, `maxLength` is outside 1…24, or there are more than
 * 2^maxLength used symbols
 * @example
 * codeLengths([5, 1, 1, 2]) // Uint8Array [1, 3, 3, 2]
 * @example
 * codeLengths([5, 1, 1, 2], { maxLength: 2 }) // Uint8Array [2, 2, 2, 2]
 * @see Larmore and Hirschberg 1990, "A fast algorithm for optimal length-limited Huffman codes", section 2
 */
export function codeLengths(histogram: ArrayLike<number>, options: CodeLengthOptions = {}): Uint8Array {
  const { maxLength = 15 } = options;
  const used = symbolsByCount(histogram, maxLength);
  const lengths = new Uint8Array(histogram.length);
  if (used.length < 2) {
    for (const symbol of used) lengths[symbol] = 1;
    return lengths;
  }
  const counts = Float64Array.from(used, (symbol) => histogram[symbol]!);
  const { isPackage, sizes } = packageLists(counts, maxLength);

  // Walk back from the coins worth ½. Invariant: the solution takes the `taken` cheapest items of list `level`. The
  // leaves among them are the rarest symbols, each one bit longer for it; every package stands for two items one level
  // down, where they are again the cheapest.
  let taken = 2 * used.length - 2;
  for (let level = maxLength - 1; level >= 0; level--) {
    if (taken > sizes[level]!) throw new Error('bug: package-merge ran out of coins');
    let packages = 0;
    for (let i = 0; i < taken; i++) packages += isPackage[level]![i]!;
    for (let i = 0; i < taken - packages; i++) lengths[used[i]!]!++;
    taken = 2 * packages;
  }
  return lengths;
}

/** Checks the arguments and sorts the symbols that occur, rarest first; equal counts by index. */
function symbolsByCount(histogram: ArrayLike<number>, maxLength: number): Uint32Array {
  if (!(Number.isInteger(maxLength) && maxLength >= 1 && maxLength <= 24)) {
    throw new RangeError(`codeLengths: "maxLength" expected an integer in 1…24, got ${maxLength}`);
  }
  if (histogram.length > 65536) {
    throw new RangeError(`codeLengths: "histogram" expected at most 65536 entries, got ${histogram.length}`);
  }
  const used: number[] = [];
  for (let symbol = 0; symbol < histogram.length; symbol++) {
    const count = histogram[symbol]!;
    if (!(Number.isSafeInteger(count) && count >= 0)) {
      throw new RangeError(`codeLengths: "histogram" expected integers ≥ 0, got ${count} at index ${symbol}`);
    }
    if (count > 0) used.push(symbol);
  }
  if (used.length > 2 ** maxLength) {
    throw new RangeError(
      `codeLengths: "maxLength" expected at least ${Math.ceil(Math.log2(used.length))} for ${used.length} used symbols, got ${maxLength}`,
    );
  }
  return Uint32Array.from(used).sort((a, b) => histogram[a]! - histogram[b]! || a - b);
}

/**
 * Builds the list of each coin value, from 2^−maxLength up to ½: the symbols, merged by price with the pairs ("packages")
 * of neighbours of the list before. Only which items are packages is kept: the leaves among the k cheapest items are
 * always the rarest symbols, so counting tells which they are.
 */
function packageLists(counts: Float64Array, maxLength: number): { isPackage: Uint8Array[]; sizes: number[] } {
  const isPackage: Uint8Array[] = [];
  const sizes: number[] = [];
  const n = counts.length;
  let prices = new Float64Array(0);
  for (let level = 0; level < maxLength; level++) {
    const packageCount = prices.length >>> 1;
    const merged = new Float64Array(n + packageCount);
    const flags = new Uint8Array(n + packageCount);
    for (let i = 0, leaf = 0, pair = 0; i < merged.length; i++) {
      const pairPrice = pair < packageCount ? prices[2 * pair]! + prices[2 * pair + 1]! : Infinity;
      // A leaf goes first at equal prices, which keeps the longest code as short as possible.
      if (leaf < n && counts[leaf]! <= pairPrice) {
        merged[i] = counts[leaf++]!;
      } else {
        merged[i] = pairPrice;
        flags[i] = 1;
        pair++;
      }
    }
    prices = merged;
    isPackage.push(flags);
    sizes.push(merged.length);
  }
  return { isPackage, sizes };
}

/** Entries of a relative index: a kept weight, or a filler that bridges a long gap. */
export interface RelativeIndex {
  /** Zeros skipped before each entry, 0…2^bits − 1. */
  readonly gaps: Uint16Array;
  /** Position of the weight each entry leads to, −1 for a filler. */
  readonly positions: Int32Array;
}

/**
 * Splits positions of non-zeros into gaps that fit in `bits` bits.
 *
 * The gap before an entry is the number of zeros skipped; a gap too large is bridged by filler entries of value zero:
 * with bits = 3, positions [1, 12] become gaps [1, 7*, 2] (* filler, at position 9).
 *
 * @param mask - 1 = kept; length = number of weights, row-major
 * @param bits - 1…16; the filler's gap is 2^bits − 1
 * @throws RangeError if `bits` is outside 1…16
 * @example
 * toGaps(Uint8Array.of(0, 1, 0, 1), 4).gaps // Uint16Array [1, 1]
 * @see Han, Mao, Dally 2016, section 2, figure 2
 */
export function toGaps(mask: Uint8Array, bits: number): RelativeIndex {
  if (!(Number.isInteger(bits) && bits >= 1 && bits <= 16)) {
    throw new RangeError(`toGaps: "bits" expected an integer in 1…16, got ${bits}`);
  }
  const longest = 2 ** bits - 1;
  const gaps: number[] = [];
  const positions: number[] = [];
  let next = 0; // first position not yet accounted for
  for (let position = 0; position < mask.length; position++) {
    if (mask[position] === 0) continue;
    for (; position - next > longest; next += longest + 1) {
      gaps.push(longest);
      positions.push(-1);
    }
    gaps.push(position - next);
    positions.push(position);
    next = position + 1;
  }
  return { gaps: Uint16Array.from(gaps), positions: Int32Array.from(positions) };
}

/**
 * Counts the entries and how often each gap occurs, for every width at once.
 *
 * @returns by width 0…`widest` (0 unused), the histogram of 2^width gaps and the number of fillers
 */
export function gapHistograms(mask: Uint8Array, widest: number): { histogram: Uint32Array; fillers: number }[] {
  const results = Array.from({ length: widest + 1 }, (_, bits) => ({
    histogram: new Uint32Array(2 ** bits),
    fillers: 0,
  }));
  let next = 0;
  for (let position = 0; position < mask.length; position++) {
    if (mask[position] === 0) continue;
    const gap = position - next;
    next = position + 1;
    for (let bits = 1; bits <= widest; bits++) {
      const result = results[bits]!;
      const fillers = Math.floor(gap / 2 ** bits);
      result.fillers += fillers;
      result.histogram[2 ** bits - 1]! += fillers;
      result.histogram[gap - fillers * 2 ** bits]!++;
    }
  }
  return results;
}

/**
 * Splits positions of non-zeros into gaps that fit in `bits` bits.
 *
 * The gap before an entry is the number of zeros skipped. The longest one, 2^bits − 1, skips as many and leads to no entry, so it
 * bridges what is longer: with bits = 3, positions [1, 12] become gaps [1, 7, 3]. (The paper's filler takes a place as well, and
 * a symbol among the values; this one takes neither.)
 *
 * @param mask - 1 = kept; length = number of weights, row-major
 * @param bits - 1…16
 * @throws RangeError if `bits` is outside 1…16
 * @example
 * toGaps(Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 3) // Uint8Array [1, 7, 3]
 * @see Han, Mao, Dally 2016, section 2, figure 2
 */
export function toGaps(mask: Uint8Array, bits: number): Uint8Array | Uint16Array {
  if (!(Number.isInteger(bits) && bits >= 1 && bits <= 16)) {
    throw new RangeError(`toGaps: "bits" expected an integer in 1…16, got ${bits}`);
  }
  const longest = 2 ** bits - 1;
  const { total } = gapHistogram(countGaps(mask), bits);
  const gaps = bits > 8 ? new Uint16Array(total) : new Uint8Array(total);
  let count = 0;
  let next = 0; // first position not yet accounted for
  for (let position = 0; position < mask.length; position++) {
    if (mask[position] === 0) continue;
    for (; position - next >= longest; next += longest) gaps[count++] = longest;
    gaps[count++] = position - next;
    next = position + 1;
  }
  return gaps;
}

/** How often each number of zeros stands before an entry, by that number. */
export function countGaps(mask: Uint8Array): Map<number, number> {
  // Most gaps are short; a Map alone would take ten times as long.
  const short = new Uint32Array(1024);
  const counts = new Map<number, number>();
  let next = 0;
  for (let position = 0; position < mask.length; position++) {
    if (mask[position] === 0) continue;
    const gap = position - next;
    if (gap < short.length) short[gap]!++;
    else counts.set(gap, (counts.get(gap) ?? 0) + 1);
    next = position + 1;
  }
  short.forEach((count, gap) => {
    if (count > 0) counts.set(gap, count);
  });
  return counts;
}

/** What {@link toGaps} would make of gaps counted by {@link countGaps}: how often each symbol occurs, and how many there are. */
export function gapHistogram(
  counts: ReadonlyMap<number, number>,
  bits: number,
): { readonly histogram: Uint32Array; readonly total: number } {
  const longest = 2 ** bits - 1;
  const histogram = new Uint32Array(longest + 1);
  let total = 0;
  for (const [gap, count] of counts) {
    const bridges = Math.floor(gap / longest);
    histogram[longest]! += bridges * count;
    histogram[gap - bridges * longest]! += count;
    total += (bridges + 1) * count;
  }
  return { histogram, total };
}

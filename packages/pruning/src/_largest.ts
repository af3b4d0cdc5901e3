/** Numbers that compete for being kept. */
export interface Competitors {
  readonly values: Float32Array;
  /** Receives 1 where a number is taken. Those already at 1 do not compete. */
  readonly taken: Uint8Array;
  /** 1 where a number competes; default everywhere. */
  readonly among?: Uint8Array | undefined;
  /** Magnitudes are divided by it; finite, > 0; default 1. */
  readonly scale?: number | undefined;
}

/**
 * Takes the `count` numbers of largest magnitude: sets their `taken` to 1. Ties go to the earlier group, then the
 * earlier index.
 *
 * Linear, without sorting. The bits of a float32 without its sign, read as a whole number, grow with the magnitude. So
 * a histogram over the upper 16 of these 31 bits finds the bucket in which the cut lies, and a second one over the
 * lower 15 bits, within that bucket, finds the cut to the bit.
 *
 * @param count - whole number; more than there are competitors takes all
 * @returns the least magnitude taken (after scaling); 0 if there are fewer than `count`, +Infinity if `count` is 0
 */
export function takeLargest(groups: readonly Competitors[], count: number): number {
  if (count <= 0) return Number.POSITIVE_INFINITY;
  const upper = new Uint32Array(1 << 16);
  forEachBlock(groups, ({ taken, among }, bits, first) => {
    for (let i = 0; i < bits.length; i++) {
      const at = first + i;
      if (taken[at] === 0 && (among === undefined || among[at] === 1)) upper[bits[i]! >>> 15]!++;
    }
  });
  const [bucket, aboveBucket] = findCut(upper, count);

  const lower = new Uint32Array(1 << 15);
  forEachBlock(groups, ({ taken, among }, bits, first) => {
    for (let i = 0; i < bits.length; i++) {
      if (bits[i]! >>> 15 !== bucket) continue;
      const at = first + i;
      if (taken[at] === 0 && (among === undefined || among[at] === 1)) lower[bits[i]! & 0x7fff]!++;
    }
  });
  const [low, aboveCut] = findCut(lower, count - aboveBucket);
  const cut = (bucket << 15) | low;

  let ties = count - aboveBucket - aboveCut; // how many of those exactly at the cut are taken
  forEachBlock(groups, ({ taken, among }, bits, first) => {
    for (let i = 0; i < bits.length; i++) {
      const magnitude = bits[i]!;
      if (magnitude < cut) continue;
      const at = first + i;
      if (taken[at] !== 0 || (among !== undefined && among[at] !== 1)) continue;
      if (magnitude > cut || ties-- > 0) taken[at] = 1;
    }
  });
  return new Float32Array(Uint32Array.of(cut).buffer)[0]!;
}

/** Finds the lowest cell such that it and those above hold `count`, or 0; and how many are above it. */
function findCut(histogram: Uint32Array, count: number): readonly [cell: number, above: number] {
  let above = 0;
  for (let cell = histogram.length - 1; cell > 0; cell--) {
    if (above + histogram[cell]! >= count) return [cell, above];
    above += histogram[cell]!;
  }
  return [0, above];
}

/** Shows the bits of the scaled magnitudes, block by block: 16 kB stays in the nearest cache. */
function forEachBlock(
  groups: readonly Competitors[],
  visit: (group: Competitors, bits: Uint32Array, first: number) => void,
): void {
  const block = new Float32Array(4096);
  const blockBits = new Uint32Array(block.buffer);
  for (const group of groups) {
    const { values, scale = 1 } = group;
    for (let first = 0; first < values.length; first += block.length) {
      const length = Math.min(block.length, values.length - first);
      for (let i = 0; i < length; i++) block[i] = Math.abs(values[first + i]!) / scale;
      visit(group, length === block.length ? blockBits : blockBits.subarray(0, length), first);
    }
  }
}

/** What the sizes 0, 1, 2, … of symbols cost, for either quantiser of a trellis (a plain lattice has only the first). */
export interface Rates {
  /** `bits[half][min(size, MOST_SIZES)]`, sign included. */
  readonly bits: readonly [Float64Array, Float64Array];
}

/** Larger sizes cost as much as this one: decisions by rate are made near zero. */
export const MOST_SIZES = 2047;

/** No rate: numbers are rounded to what is nearest. */
export const noRates = (): Rates => ({ bits: [new Float64Array(MOST_SIZES + 1), new Float64Array(MOST_SIZES + 1)] });

/** Counts sizes, and finds what they cost. */
export class SizeCounts {
  readonly counts: readonly [Float64Array, Float64Array] = [
    new Float64Array(MOST_SIZES + 1),
    new Float64Array(MOST_SIZES + 1),
  ];
  /** Of sizes beyond the last: log2 of how far, summed. */
  tail = 0;

  /** @param half - the quantiser */
  add(half: number, size: number): void {
    const counts = this.counts[half]!;
    if (size <= MOST_SIZES) counts[size]!++;
    else {
      counts[MOST_SIZES]!++;
      this.tail += Math.log2(size / MOST_SIZES);
    }
  }

  /** −log₂ of shares, those of sizes from 4 on smoothed over a quarter of an octave either way: there are few of each. */
  rates(): Rates {
    const [first, second] = this.counts.map((counts) => {
      const total = counts.reduce((sum, count) => sum + count, 1);
      const before = new Float64Array(MOST_SIZES + 2);
      for (let size = 0; size <= MOST_SIZES; size++) before[size + 1] = before[size]! + counts[size]!;
      return counts.map((_, size) => {
        const reach = size < 4 ? 0 : size >> 2;
        const from = size - reach;
        const end = Math.min(MOST_SIZES, size + reach) + 1;
        const share = Math.max(LEAST, (before[end]! - before[from]!) / (end - from)) / total;
        return (size > 0 ? 1 : 0) - Math.log2(share);
      });
    });
    return { bits: [first!, second!] };
  }

  /**
   * The entropy of the sizes and signs, and what it costs to learn the shares: half a bit for each doubling of the count, for
   * each size in use up to 16 and each quarter of an octave beyond.
   */
  get bits(): number {
    let bits = this.tail;
    for (const counts of this.counts) {
      const total = counts.reduce((sum, count) => sum + count, 0);
      let used = 0;
      for (let size = 0; size <= MOST_SIZES; size++) {
        const count = counts[size]!;
        if (count === 0) continue;
        bits += count * (Math.log2(total / count) + (size > 0 ? 1 : 0));
        used += size < 16 ? 1 : 4 / size;
      }
      if (counts[0]! < total) bits += (used / 2) * Math.log2(total); // nothing is to be learned about zeros alone
    }
    return bits;
  }
}

/** A size that was not seen costs as if a twentieth of one had been. */
const LEAST = 0.05;

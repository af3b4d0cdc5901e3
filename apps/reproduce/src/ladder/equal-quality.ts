/** A file of a method, by its size and how near it stays to the original. */
export interface Sample {
  readonly bytes: number;
  /** The higher the better: agreement, or minus the divergence. */
  readonly quality: number;
}

/** How many bytes a method needs. */
export interface Needed {
  readonly bytes: number;
  /** Whether it is known only that no more are needed: the smallest sample is better than asked for. */
  readonly isMost: boolean;
}

/**
 * Tells how many bytes a method needs for a quality, between its samples along straight lines of log bytes. A larger file that does
 * worse than a smaller one, as chance has it on few images, counts as good as that one.
 *
 * @returns undefined if none of the samples is as good
 * @example
 * bytesFor([{ bytes: 100, quality: 0.5 }, { bytes: 400, quality: 0.9 }], 0.7) // { bytes: 200, isMost: false }
 */
export function bytesFor(samples: readonly Sample[], quality: number): Needed | undefined {
  let best = -Infinity;
  const rising = [...samples]
    .sort((a, b) => a.bytes - b.bytes)
    .filter((sample) => sample.quality > best && (best = sample.quality) > -Infinity);
  const above = rising.findIndex((sample) => sample.quality >= quality);
  const [low, high] = [rising[above - 1], rising[above]];
  if (!high) return undefined;
  if (!low || high.quality === quality) return { bytes: high.bytes, isMost: high.quality > quality };
  const share = (quality - low.quality) / (high.quality - low.quality);
  return { bytes: Math.exp(Math.log(low.bytes) + share * Math.log(high.bytes / low.bytes)), isMost: false };
}

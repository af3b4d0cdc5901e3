import { SaliencyCounts } from './saliency-counts.ts';

/**
 * Finds the saliency below which numbers are to be pruned, so that a given count of levels differs from 0.
 *
 * What is pruned is made up for by others, whose saliency changes so: each pass proposes the threshold that would have been right
 * for itself. Once one threshold is known to be too low and one too high, the next lies between, logarithms interpolated.
 */
export class DensitySearch {
  /** What the next pass is to prune below. */
  threshold = 0;
  /** Of the next pass, to be told its numbers. */
  saliencies: SaliencyCounts = new SaliencyCounts();
  private readonly most: number;
  private readonly tolerance: number;
  private keep: number;
  private low = { threshold: 0, count: Infinity };
  private high = { threshold: Infinity, count: 0 };

  /**
   * @param most - how many levels may differ from 0
   * @param tolerance - levels more or fewer
   */
  constructor(most: number, tolerance: number) {
    this.most = most;
    this.tolerance = tolerance;
    this.keep = most;
    if (most === 0) this.threshold = Infinity;
  }

  /**
   * Learns from a pass, and moves the threshold.
   *
   * @param count - levels that differed from 0
   * @param isSettled - whether the next passes differ from this one in nothing but the threshold
   * @returns whether the pass was near enough, or as near as any can be
   */
  learn(count: number, isSettled: boolean): boolean {
    const { threshold, most, saliencies } = this;
    this.saliencies = new SaliencyCounts();
    if (Math.abs(count - most) <= this.tolerance || (count < most && threshold === 0)) return true;
    if (isSettled && count > most) this.low = { threshold, count };
    if (isSettled && count < most) this.high = { threshold, count };
    if (threshold > 0) this.keep *= most / Math.max(count, 1); // of those that are kept some become 0 all the same
    this.threshold = this.between() ?? saliencies.threshold(this.keep);
    return false;
  }

  private between(): number | undefined {
    const { low, high, most } = this;
    if (low.threshold === 0 || high.threshold === Infinity) return undefined;
    const part = Math.log(low.count / most) / Math.log(low.count / Math.max(high.count, 0.5));
    return low.threshold * (high.threshold / low.threshold) ** Math.min(0.9, Math.max(0.1, part));
  }
}

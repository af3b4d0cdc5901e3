/**
 * Counts saliencies to find the one that a share of them exceeds.
 *
 * The upper half of a float32 ≥ 0, exponent and seven bits of mantissa, is a scale of 1/128 octaves or so, all of it in 32,768 bins.
 */
export class SaliencyCounts {
  private readonly bins = new Float64Array(0x8000);
  private readonly number = new Float32Array(1);
  private readonly bits = new Uint32Array(this.number.buffer);
  private total = 0;

  /** @param saliency - ≥ 0 */
  add(saliency: number): void {
    this.number[0] = saliency;
    this.bins[this.bits[0]! >>> 16]!++;
    this.total++;
  }

  /** The least saliency of the largest so many, about: between the ends of its bin as if its numbers were spread evenly. */
  threshold(count: number): number {
    if (count >= this.total) return 0;
    let above = 0;
    for (let bin = this.bins.length - 1; bin >= 0; bin--) {
      const here = this.bins[bin]!;
      if (above + here > count) return this.within(bin, 1 - (count - above) / here);
      above += here;
    }
    return 0;
  }

  private within(bin: number, part: number): number {
    this.bits[0] = Math.round((bin + part) * 0x10000);
    return this.number[0]!;
  }
}

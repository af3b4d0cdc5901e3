import { checkFinite, checkMask } from './_arguments.ts';
import { type Competitors, takeLargest } from './_largest.ts';

export interface GlobalLayer {
  /** For error messages; default its index. */
  readonly name?: string;
  readonly values: Float32Array;
  /** An earlier mask: what it has pruned stays pruned and does not compete. */
  readonly among?: Uint8Array;
  /**
   * Magnitudes are divided by it before they are compared: a number > 0, or `'rms'`, the root mean square of the
   * numbers that compete; default 1.
   */
  readonly scale?: number | 'rms';
  /** Share of this layer that is kept whatever the others are like, its largest numbers, 0 … 1; default 0. */
  readonly minKeep?: number;
}

export interface GlobalChoice {
  /** Least scaled magnitude that was kept in the competition of all; +Infinity if the protected shares used up all. */
  readonly threshold: number;
  /** For each layer, 1 = kept. */
  readonly masks: readonly Uint8Array[];
}

/**
 * Prunes several layers by one threshold: the layers compete, and those of large weights keep more.
 *
 * First every layer keeps its protected share, ⌈minKeep · n⌉ of its n numbers, so that small layers survive next to
 * large ones. What remains of round(keep · N), N numbers in all, goes to the largest |w| / scale of all layers. Ties go
 * to the earlier layer, then the lower index. At least one number of each layer that has any is kept.
 *
 * @param keep - kept share of all numbers, 0 … 1
 * @throws RangeError if a number is not finite, an option is outside its range, or the protected shares exceed `keep`
 * @example
 * globalThreshold([{ values: Float32Array.of(1, 2) }, { values: Float32Array.of(8, 9) }], 0.75).threshold // 8
 */
export function globalThreshold(layers: readonly GlobalLayer[], keep: number): GlobalChoice {
  checkLayers(layers, keep);
  const total = layers.reduce((sum, { values }) => sum + values.length, 0);
  const count = Math.round(keep * total);
  const groups: readonly Competitors[] = layers.map(({ values, among, scale = 1 }) => ({
    values,
    among,
    scale: scale === 'rms' ? rms(values, among) || 1 : scale, // a layer of zeros has no scale, and needs none
    taken: new Uint8Array(values.length),
  }));
  let left = count;
  layers.forEach(({ values, among, minKeep = 0 }, which) => {
    const reserved = Math.min(remaining(values.length, among), Math.max(1, Math.ceil(minKeep * values.length)));
    takeLargest([groups[which]!], reserved);
    left -= reserved;
  });
  if (left < 0) {
    throw new RangeError(
      `globalThreshold: "minKeep" expected protected shares of at most ${count} numbers (keep ${keep} of ${total}), got ${count - left}`,
    );
  }
  return { threshold: takeLargest(groups, left), masks: groups.map(({ taken }) => taken) };
}

/** The root mean square of the numbers that count; 0 for none. */
function rms(values: Float32Array, among: Uint8Array | undefined): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) if (among === undefined || among[i] === 1) squares += values[i]! ** 2;
  return Math.sqrt(squares / Math.max(1, remaining(values.length, among)));
}

function remaining(length: number, among: Uint8Array | undefined): number {
  return among === undefined ? length : among.reduce((sum, bit) => sum + bit, 0);
}

function checkLayers(layers: readonly GlobalLayer[], keep: number): void {
  if (!(keep >= 0 && keep <= 1)) throw new RangeError(`globalThreshold: "keep" expected 0 … 1, got ${keep}`);
  layers.forEach(({ name, values, among, scale = 1, minKeep = 0 }, which) => {
    const caller = `globalThreshold, layer ${name ?? which}`;
    checkFinite(caller, values);
    if (among) checkMask(caller, 'among', among, values.length);
    if (scale !== 'rms' && !(scale > 0 && Number.isFinite(scale))) {
      throw new RangeError(`${caller}: "scale" expected 'rms' or a number > 0, got ${scale}`);
    }
    if (!(minKeep >= 0 && minKeep <= 1)) throw new RangeError(`${caller}: "minKeep" expected 0 … 1, got ${minKeep}`);
  });
}

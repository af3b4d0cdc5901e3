/**
 * Says bytes as people do, in powers of ten.
 *
 * @example
 * [bytesText(243_860_896), bytesText(408_500), bytesText(93)] // ['244 MB', '408.5 kB', '93 B']
 */
export function bytesText(bytes: number): string {
  if (bytes >= 1e8) return `${(bytes / 1e6).toFixed(0)} MB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(2)} MB`;
  if (bytes >= 1e3) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${Math.round(bytes)} B`;
}

/**
 * The same for the ticks of an axis: without digits that say nothing.
 *
 * @example
 * [bytesTick(1e6), bytesTick(350_000), bytesTick(0)] // ['1 MB', '350 kB', '0']
 */
export function bytesTick(bytes: number): string {
  if (bytes >= 1e6) return `${bytes / 1e6} MB`;
  return bytes >= 1e3 ? `${bytes / 1e3} kB` : String(bytes);
}

/**
 * Chooses ticks of a logarithmic axis: round numbers within its ends, evenly thinned to at most so many.
 *
 * @example
 * logTicks(290_000, 800_000, 2) // [300000, 500000]
 */
export function logTicks(low: number, high: number, most: number): number[] {
  const decades = Math.log10(high / low);
  const leading = decades < 1.5 ? [1, 1.5, 2, 3, 4, 5, 7] : decades < 3 ? [1, 2, 5] : [1];
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const digit of leading) {
      const tick = digit * 10 ** power;
      if (tick >= low && tick <= high) all.push(tick);
    }
  }
  const step = Math.ceil(all.length / most);
  return all.filter((_, i) => i % step === 0);
}

/** With commas between thousands. */
export const count = (number: number): string => Math.round(number).toLocaleString('en-US');

/** @example percent(0.504) // '50.4 %' */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** Hundredths, with a true minus: @example points(-0.012) // '−1.2' */
export const points = (share: number): string => (100 * share).toFixed(1).replace(/^-/, '−').replace('−0.0', '0.0');

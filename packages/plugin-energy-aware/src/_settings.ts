type Range = 'share' | 'count' | 'positive';

const RANGES: Readonly<Record<Range, { readonly expected: string; readonly holds: (value: number) => boolean }>> = {
  share: { expected: '0 … 1', holds: (value) => value >= 0 && value <= 1 },
  count: { expected: 'a whole number ≥ 1', holds: (value) => Number.isSafeInteger(value) && value >= 1 },
  positive: {
    expected: 'a finite number > 0',
    holds: (value) => value > 0 && value < Number.POSITIVE_INFINITY,
  },
};

/**
 * Checks settings of a stage where it is made, before anything takes its time.
 *
 * @throws RangeError naming the first that is out of range
 * @example
 * checkSettings('netAdapt', 'share', { target: 2 }) // throws RangeError: netAdapt: "target" expected 0 … 1, got 2
 */
export function checkSettings(caller: string, range: Range, settings: Readonly<Record<string, number>>): void {
  const { expected, holds } = RANGES[range];
  for (const [name, value] of Object.entries(settings)) {
    if (!holds(value)) throw new RangeError(`${caller}: "${name}" expected ${expected}, got ${value}`);
  }
}

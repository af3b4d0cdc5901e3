import { kernels, type PerWeight, type Selector, selectorText } from '@pare/core';

/** What a number must be: a test and its description. */
interface Range {
  readonly holds: (value: number) => boolean;
  readonly expected: string;
}

export const SHARE: Range = { holds: (value) => value > 0 && value <= 1, expected: '0 < share ≤ 1' };
export const SHARE_OR_NONE: Range = { holds: (value) => value >= 0 && value <= 1, expected: '0 … 1' };
export const NOT_NEGATIVE: Range = {
  holds: (value) => value >= 0 && value < Number.POSITIVE_INFINITY,
  expected: '≥ 0',
};
export const COUNT: Range = { holds: (value) => Number.isInteger(value) && value >= 0, expected: 'a whole number ≥ 0' };
export const COUNT_OF_ONE: Range = {
  holds: (value) => Number.isInteger(value) && value >= 1,
  expected: 'a whole number ≥ 1',
};

/** @throws RangeError or TypeError naming the setting, and where in it the wrong value stands */
export function checkSetting(caller: string, name: string, setting: PerWeight<number>, range: Range): void {
  const check = (value: unknown, at: string) => {
    const message = `${caller}: "${at}" expected ${range.expected}, got ${value}`;
    if (typeof value !== 'number') throw new TypeError(message);
    if (!range.holds(value)) throw new RangeError(message);
  };
  if (typeof setting !== 'object' || setting === null) {
    check(setting, name);
    return;
  }
  const { default: otherwise, byType = {}, byName = {} } = setting;
  if (otherwise !== undefined) check(otherwise, `${name}.default`);
  for (const [kind, value] of Object.entries(byType)) check(value, `${name}.byType.${kind}`);
  for (const [weight, value] of Object.entries(byName)) check(value, `${name}.byName.${weight}`);
}

/** Options as they go into a model's history: plain data, a selector as text. */
export function recorded<T extends { readonly select?: Selector }>(options: T): unknown {
  const { select = kernels, ...rest } = options;
  return { ...rest, ...(select !== kernels && { select: selectorText(select, 'select') }) };
}

import { kernels, type Model, matches, type PerWeight, type Placed, placedWeights, type Selector } from '@pare/core';

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

/**
 * @throws RangeError if a setting names a weight or layer that the model does not have: most likely a slip of the pen
 */
export function checkNames(caller: string, name: string, setting: PerWeight<number>, model: Model): void {
  if (typeof setting !== 'object') return;
  const known = new Set([...model.weights, ...model.layers].map((part) => part.name));
  for (const named of Object.keys(setting.byName ?? {})) {
    if (!known.has(named)) {
      const weights = model.weights.map((weight) => weight.name).join(', ') || 'none';
      throw new RangeError(
        `${caller}: "${name}.byName" names "${named}", which is no weight or layer; weights: ${weights}`,
      );
    }
  }
}

/**
 * The weights a selector takes.
 *
 * @throws RangeError if the caller's selector takes none; a model without kernels is nobody's mistake
 */
export function selected(caller: string, model: Model, select: Selector | undefined): readonly Placed[] {
  const chosen = placedWeights(model).filter((placed) => matches(select ?? kernels, placed));
  if (select !== undefined && chosen.length === 0) {
    const weights = model.weights.map((weight) => weight.name).join(', ') || 'none';
    throw new RangeError(`${caller}: "select" takes none of the weights: ${weights}`);
  }
  return chosen;
}

/** Options as they go into a model's history: plain data, a selector as text if it has one. */
export function recorded<T extends { readonly select?: Selector }>(options: T): unknown {
  const { select, ...rest } = options;
  return { ...rest, ...(select !== undefined && typeof select !== 'function' && { select: String(select) }) };
}

import type { LayerKind } from './layer.ts';
import { type Model, type Placed, placedWeights } from './model.ts';

/** Which weights something applies to: a function, a weight's or layer's name, or a pattern on the weight's name. */
export type Selector = ((placed: Placed) => boolean) | string | RegExp;

/** Selects the kernels of convolution and dense layers: what pruning and sharing are for. Biases are left alone. */
export const kernels: Selector = (placed: Placed): boolean => placed.role === 'kernel';

/** Selects the biases. */
export const biases: Selector = (placed: Placed): boolean => placed.role === 'bias';

/**
 * Tells whether a selector takes a weight.
 *
 * @example
 * matches('ip1/bias', { weight: { name: 'ip1/bias', shape: [0], form: { kind: 'dense', values: new Float32Array(0) } } }) // true
 */
export function matches(selector: Selector, placed: Placed): boolean {
  if (typeof selector === 'function') return selector(placed);
  if (typeof selector === 'string') return selector === placed.weight.name || selector === placed.layer?.name;
  return new RegExp(selector.source, selector.flags.replace(/[gy]/g, '')).test(placed.weight.name); // no memory between calls
}

/**
 * Lists the weights a selector takes, for a stage that was given one.
 *
 * @param caller - the stage, for messages
 * @param option - what the stage calls its selector, for messages
 * @param selector - default `kernels`
 * @throws RangeError if a selector was given and takes nothing; a model without kernels is nobody's mistake
 * @example
 * selectWeights('magnitudePrune', 'select', { layers: [], weights: [], history: [] }) // []
 */
export function selectWeights(caller: string, option: string, model: Model, selector?: Selector): readonly Placed[] {
  const chosen = placedWeights(model).filter((placed) => matches(selector ?? kernels, placed));
  if (selector !== undefined && chosen.length === 0) {
    throw new RangeError(`${caller}: "${option}" takes none of the weights: ${namesOf(model)}`);
  }
  return chosen;
}

/**
 * Says a selector in words, for a stage's recorded options: functions by name, strings as they are, patterns as they are written.
 *
 * @param option - what the stage calls its selector: a function written there has this name from JavaScript, and none of its own
 * @returns `'function'` for a function without a name
 * @example
 * selectorText(kernels) // 'kernels'
 * selectorText(/^ip/) // '/^ip/'
 * selectorText(() => true) // 'function'
 */
export function selectorText(selector: Selector, option = ''): string {
  // Ours by identity: whoever minifies renames functions.
  if (selector === kernels) return 'kernels';
  if (selector === biases) return 'biases';
  if (typeof selector !== 'function') return String(selector);
  return selector.name === option || selector.name === '' ? 'function' : selector.name;
}

/** One value for all weights, or one by default, by type of layer and by name of weight or layer; the most special wins. */
export type PerWeight<T> =
  | T
  | {
      readonly default?: T;
      readonly byType?: { readonly [Kind in LayerKind]?: T };
      readonly byName?: { readonly [name: string]: T };
    };

/**
 * Resolves a setting for one weight: by name, else by type of its layer, else the default.
 *
 * @returns undefined if the setting says nothing about this weight
 * @example
 * resolvePerWeight({ default: 0.1, byName: { ip3: 0.26 } }, { weight: { name: 'ip1/kernel', shape: [0], form: { kind: 'dense', values: new Float32Array(0) } } }) // 0.1
 */
export function resolvePerWeight<T extends number | string | boolean>(
  setting: PerWeight<T>,
  placed: Placed,
): T | undefined {
  if (typeof setting !== 'object') return setting;
  const { byName = {}, byType = {} } = setting;
  for (const name of [placed.weight.name, placed.layer?.name]) {
    if (name !== undefined && Object.hasOwn(byName, name)) return byName[name];
  }
  const kind = placed.layer?.kind;
  return (kind === undefined ? undefined : byType[kind]) ?? setting.default;
}

/**
 * Checks that a setting by name names only weights and layers that there are: anything else is most likely a slip of the pen.
 *
 * @param caller - the stage, for messages
 * @param option - what the stage calls the setting, for messages
 * @throws RangeError naming the entry and the weights there are
 * @example
 * checkNames('magnitudePrune', 'keep', { byName: { ip9: 0.5 } }, { layers: [], weights: [], history: [] }) // throws RangeError: magnitudePrune: "keep.byName" names "ip9", which is no weight or layer; weights: none
 */
export function checkNames<T extends number | string | boolean>(
  caller: string,
  option: string,
  setting: PerWeight<T>,
  model: Model,
): void {
  if (typeof setting !== 'object') return;
  const known = new Set([...model.weights, ...model.layers].map(({ name }) => name));
  const unknown = Object.keys(setting.byName ?? {}).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `${caller}: "${option}.byName" names "${unknown}", which is no weight or layer; weights: ${namesOf(model)}`,
    );
  }
}

const namesOf = (model: Model): string => model.weights.map(({ name }) => name).join(', ') || 'none';

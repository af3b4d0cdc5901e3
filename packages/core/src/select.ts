import type { LayerKind } from './layer.ts';
import type { Placed } from './model.ts';

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

import type { CompressSettings } from '@pare/compress';
import type { LayerKind, PerWeight } from '@pare/core';
import { UsageError } from './exit.ts';

/** Kinds of layers that have weights of their own: what stands before `=` is one of these, or else a name. */
const TYPES: readonly LayerKind[] = ['conv2d', 'dense', 'batchnorm', 'foreign'];

/**
 * Reads what was said of one setting, for all weights or for some: `6`, `conv2d=5`, `fire9/expand3x3=8`.
 *
 * @param parse - reads one value and throws UsageError if it is none
 * @throws UsageError if the same weights are told twice
 * @example
 * perWeight('--bits', ['6', 'conv2d=5', 'conv1=8'], Number) // { default: 6, byType: { conv2d: 5 }, byName: { conv1: 8 } }
 */
export function perWeight<T extends number | boolean>(
  option: string,
  words: readonly string[],
  parse: (text: string) => T,
): PerWeight<T> {
  let fallback: T | undefined;
  const byType: { [kind in LayerKind]?: T } = {};
  const byName = new Map<string, T>();
  for (const word of words) {
    const at = word.lastIndexOf('=');
    const name = word.slice(0, Math.max(0, at));
    const value = parse(word.slice(at + 1));
    const type = TYPES.find((kind) => kind === name);
    const told = at < 0 ? fallback : type ? byType[type] : byName.get(name);
    if (told !== undefined) throw new UsageError(`${option} says twice what holds for ${name || 'all weights'}`);
    if (at < 0) fallback = value;
    else if (type) byType[type] = value;
    else byName.set(name, value);
  }
  return { ...(fallback !== undefined && { default: fallback }), byType, byName: Object.fromEntries(byName) };
}

export interface NumberOptions {
  /** What is expected, for the message; default `'a number'`. */
  readonly kind?: string;
  /** Whether it must be whole; default false. */
  readonly whole?: boolean;
  /** Whether the option also takes NAME=NUMBER; default false. */
  readonly named?: boolean;
}

/**
 * Makes a reader of numbers in a range.
 *
 * @example
 * numberIn('--density', 0, 1)('0.25') // 0.25
 */
export const numberIn =
  (option: string, least: number, most: number, options: NumberOptions = {}) =>
  (text: string): number => {
    const { whole = false, named = false, kind = whole ? 'a whole number' : 'a number' } = options;
    const number = text.trim() === '' ? Number.NaN : Number(text);
    if (number >= least && number <= most && (!whole || Number.isInteger(number))) return number;
    const or = named ? ', or NAME=NUMBER' : '';
    throw new UsageError(`${option} expected ${kind} from ${least} to ${most}${or}, got "${text}"`);
  };

/** Lays settings of the command line over those of a file: what is said in both, the command line decides. */
export function mergeSettings(file: CompressSettings, line: CompressSettings): CompressSettings {
  const merged: Record<string, unknown> = { ...file, ...line };
  for (const key of ['lossless', 'snr', 'bits', 'density'] as const) {
    if (file[key] !== undefined && line[key] !== undefined) merged[key] = mergePerWeight(file[key], line[key]);
  }
  // How much is pruned, in either of its two ways.
  if (line.multiplications !== undefined) delete merged.density;
  if (line.density !== undefined) delete merged.multiplications;
  // What is aimed at for the whole on the command line replaces other aims of the file.
  const aims = ['targetSize', 'error', 'maxDrop', 'maxDrift'] as const;
  const aim = aims.find((key) => line[key] !== undefined);
  for (const key of aims) if (aim !== undefined && key !== aim) delete merged[key];
  if (aim !== undefined && line.snr === undefined && line.bits === undefined) {
    delete merged.snr;
    delete merged.bits;
  }
  return merged as CompressSettings;
}

function mergePerWeight<T extends number | boolean>(file: PerWeight<T>, line: PerWeight<T>): PerWeight<T> {
  const parts = (setting: PerWeight<T>) => (typeof setting === 'object' ? setting : { default: setting });
  const [a, b] = [parts(file), parts(line)];
  const fallback = b.default ?? a.default;
  return {
    ...(fallback !== undefined && { default: fallback }),
    byType: { ...a.byType, ...b.byType },
    byName: { ...a.byName, ...b.byName },
  };
}

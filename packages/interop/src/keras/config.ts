import { isObject, type JsonObject, own } from '../tfjs/json.ts';

/** Values within values are read to this depth: models within models take about six each. */
const DEEPEST = 100;

/** Settings that say how a model was trained, made or serialised, not what it computes. */
const DROPPED =
  /_(initializer|regularizer|constraint)$|^(module|registered_name|shared_object_id|build_config|build_input_shape|compile_config|quantization_config|trainable|synchronized|renorm.*|momentum|optional|ragged|lora_rank|seed)$/;

/**
 * Puts a model's configuration into the words of Keras 2, which tfjs understands, without what only training needs.
 *
 * Keras 3 writes `batch_shape` for `batch_input_shape`, types and functions as objects, and calls as tensors within arguments.
 *
 * Its `hard_sigmoid` is `relu6(x + 3) / 6`, that of Keras 2 and tfjs `clip(x / 5 + 1/2, 0, 1)`: it gets another name here.
 *
 * @param config - `{ class_name, config }`, as in the attribute `model_config` and the file `config.json`
 * @param version - of Keras
 * @example
 * kerasConfig({ class_name: 'InputLayer', config: { batch_shape: [null, 4], module: 'keras' } })
 * // { class_name: 'InputLayer', config: { batch_input_shape: [ null, 4 ] } }
 */
export const kerasConfig = (config: JsonObject, version: unknown = '2'): JsonObject =>
  simpler(config, /^[12]\b/.test(String(version)), 0) as JsonObject;

function simpler(value: unknown, old: boolean, depth: number): unknown {
  if (depth > DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => simpler(item, old, depth + 1));
  if (!isObject(value)) return value;
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(old ? keras2(value) : value)) {
    if (key === '__proto__' || DROPPED.test(key)) continue;
    if (key === 'batch_shape') entries.push(['batch_input_shape', item]);
    else if (key === 'dtype') entries.push([key, typeName(item)]);
    else if (key === 'inbound_nodes') entries.push([key, Array.isArray(item) ? item.map(calls) : item]);
    else if (key === 'input_layers' || key === 'output_layers') entries.push([key, ends(item)]);
    else if (/activation$/.test(key)) entries.push([key, activationName(item, old)]);
    else entries.push([key, simpler(item, old, depth + 1)]);
  }
  const named = new Map(entries);
  // What tfjs calls alpha, Keras 3 calls negative_slope.
  if (value.class_name === 'LeakyReLU') {
    const settings = named.get('config');
    const slope = own(settings, 'negative_slope');
    if (slope !== undefined) named.set('config', { ...(settings as JsonObject), alpha: slope });
  }
  return Object.fromEntries(named);
}

/** What Keras 1 calls things. */
const OLD_SETTINGS: Readonly<Record<string, string>> = {
  nb_filter: 'filters',
  output_dim: 'units',
  subsample: 'strides',
  border_mode: 'padding',
  bias: 'use_bias',
  p: 'rate',
};

/** Puts a layer of Keras 1 into the words of Keras 2. */
function keras2(value: JsonObject): JsonObject {
  const settings = value.config;
  if (typeof value.class_name !== 'string' || !isObject(settings)) return value;
  const renamed = new Map(Object.entries(settings).map(([key, item]) => [OLD_SETTINGS[key] ?? key, item]));
  if (value.class_name === 'Convolution2D') renamed.set('kernel_size', [settings.nb_row, settings.nb_col]);
  const order = settings.dim_ordering;
  if (order !== undefined) renamed.set('data_format', order === 'th' ? 'channels_first' : 'channels_last');
  const className = value.class_name === 'Convolution2D' ? 'Conv2D' : value.class_name;
  return { ...value, class_name: className, config: Object.fromEntries(renamed) };
}

/** A type, or a policy that names one: `{ class_name: 'DTypePolicy', config: { name: 'float32' } }`. */
function typeName(dtype: unknown): unknown {
  const name = own(own(dtype, 'config'), 'name');
  return typeof name === 'string' ? name : isObject(dtype) ? 'float32' : dtype;
}

/** A name, or a function by name: `{ class_name: 'function', config: 'relu' }`. */
function activationName(value: unknown, old: boolean): unknown {
  const config = own(value, 'config');
  const name = own(value, 'class_name') === 'function' ? (isObject(config) ? own(config, 'name') : config) : value;
  return name === 'hard_sigmoid' && !old ? 'relu6_sigmoid' : name;
}

/** Keras 3: `{ args: [tensor or list of tensors], kwargs }`; Keras 2: `[[layer, node, output, kwargs], …]`. */
function calls(node: unknown): unknown {
  if (!isObject(node)) return node;
  const found: unknown[] = [];
  const search = (value: unknown, depth: number): void => {
    const history = own(own(value, 'config'), 'keras_history');
    if (Array.isArray(history)) found.push([...history.slice(0, 3), {}]);
    else if (Array.isArray(value) && depth < 8) for (const item of value) search(item, depth + 1);
  };
  search(node.args, 0);
  return found;
}

/** A list of `[layer, node, output]`; Keras 3 lets a single one stand by itself. */
const ends = (item: unknown): unknown => (Array.isArray(item) && typeof item[0] === 'string' ? [item] : item);

/** A layer as a configuration has it, and those within it if it is a model. */
export interface ConfiguredLayer {
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
  readonly layers: readonly ConfiguredLayer[];
}

/** Lists the layers of a model. What does not look like one is left for those who read the configuration in earnest. */
export function configuredLayers(model: unknown, depth = 0): readonly ConfiguredLayer[] {
  const config = own(model, 'config');
  const items = Array.isArray(config) ? config : own(config, 'layers');
  if (!Array.isArray(items) || depth > DEEPEST / 6) return [];
  return items.flatMap((item: unknown) => {
    const [className, settings] = [own(item, 'class_name'), own(item, 'config')];
    const name = own(settings, 'name') ?? own(item, 'name');
    if (typeof className !== 'string' || typeof name !== 'string') return [];
    const layers = configuredLayers(item, depth + 1);
    return [{ name, className, config: isObject(settings) ? settings : {}, layers }];
  });
}

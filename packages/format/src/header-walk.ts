import { elementCount, type Layer, type Preprocess, type Shape, type StageRecord, weightNames } from '@pare/core';
import { type BitCoder, codeBits } from './bit-coder.ts';
import { bitsOf } from './float-bits.ts';
import { AdaptiveBits } from './mixture.ts';
import { TextCoder } from './text.ts';

/** A weight without its numbers. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: Shape;
}

/** Consecutive bytes that one codec made of one or more consecutive weights. */
export interface RecordEntry {
  readonly codec: string;
  /** Weights in it, in order. */
  readonly count: number;
  readonly bytes: number;
  /** Whether a checksum of all bytes since the last one follows. */
  readonly checksum: boolean;
}

/** All that a file says but the numbers. */
export interface Header {
  readonly name?: string;
  readonly layers: readonly Layer[];
  readonly weights: readonly WeightEntry[];
  readonly records: readonly RecordEntry[];
  readonly labels?: readonly string[];
  readonly topology?: unknown;
  readonly history: readonly StageRecord[];
}

/** Codec ids that are written as a number. Only ever appended to. */
const CODECS = ['adaptive@1', 'shared-huffman@1', 'masked-huffman@1', 'dense-raw@1'];

/** Layer kinds in the order of their codes; the last code stands for a layer given as JSON. Only ever appended to. */
const KINDS = ['input', 'conv2d', 'dense', 'pool', 'relu', 'flatten', 'softmax'] as const;
const KIND_BITS = 4;

/** The name that a first layer of a kind is expected to have; later ones go on from the last of their kind. */
const FIRST_NAMES = {
  input: 'data',
  conv2d: 'conv1',
  dense: 'ip1',
  pool: 'pool1',
  relu: 'relu1',
  flatten: 'flatten',
  softmax: 'prob',
};

/** Lists longer than this are refused: no network has so many layers, weights or labels. */
const LONGEST_LIST = 65536;

/**
 * Walks a header. Whatever follows from what came before (output shapes, weight names and shapes, inputs, names that count
 * up) costs a fraction of a bit to confirm; deviations are written out.
 *
 * @param given - when encoding, what to write
 */
export function codeHeader(coder: BitCoder, given?: Header): Header {
  const fields = new Fields(coder);
  const name = fields.optional('name', given?.name, (value) => fields.text(value));
  const layerCount = fields.size('layers', given?.layers.length);
  const layers: Layer[] = [];
  const names = new NameGuesser();
  for (let i = 0; i < layerCount; i++) layers.push(codeLayer(fields, layers, names, given?.layers[i]));

  const weights = codeWeights(fields, layers, given?.weights);
  const records: RecordEntry[] = [];
  for (let next = 0; next < weights.length; ) {
    const record = codeRecord(fields, weights.length - next, given?.records[records.length]);
    records.push(record);
    next += record.count;
  }
  const labels = fields.optional('labels', given?.labels, (value) =>
    fields.list('label', value, (label) => fields.text(label)),
  );
  const topology = fields.optional('topology', given?.topology, (value) => fields.json(value));
  const history = fields.optional('history', given?.history.length ? given.history : undefined, (value) =>
    fields.json(value),
  );
  if (history !== undefined && !Array.isArray(history)) coder.fail('not-a-header', 'a history that is no list');
  return {
    ...(name !== undefined && { name }),
    layers,
    weights,
    records,
    ...(labels && { labels }),
    ...(topology !== undefined && { topology }),
    history: (history as StageRecord[] | undefined) ?? [],
  };
}

function codeLayer(fields: Fields, before: readonly Layer[], names: NameGuesser, given?: Layer): Layer {
  const kindCode = given ? KINDS.indexOf(given.kind) : 0;
  const code = fields.choice('kind', kindCode < 0 ? KINDS.length : kindCode, KIND_BITS, kindCodeOf(before.at(-1)));
  if (code === KINDS.length) return codeForeignLayer(fields, given);
  const kind = KINDS[code] ?? fields.coder.fail('not-a-header', `a layer of the unknown kind ${code}`);
  const name = names.code(fields, kind, given?.name);
  const inputs = codeInputs(fields, before, kind, given?.inputs);
  const base = { name, inputs };
  const source = before.find((layer) => layer.name === inputs[0])?.outputShape;
  switch (kind) {
    case 'input': {
      const layer = given?.kind === kind ? given : undefined;
      const outputShape = fields.shape(layer?.outputShape);
      const preprocess = fields.optional('preprocess', layer?.preprocess, (value) => codePreprocess(fields, value));
      return { kind, ...base, outputShape, ...(preprocess && { preprocess }) };
    }
    case 'conv2d': {
      const layer = given?.kind === kind ? given : undefined;
      const filters = fields.number('filters', layer?.filters);
      const kernelSize = fields.pair('kernelSize', layer?.kernelSize);
      const stride = fields.same('unit stride', layer?.stride, [1, 1]) ?? fields.pair('stride', layer?.stride);
      const padding = codePadding(fields, layer?.padding);
      const groups = fields.same('one group', layer?.groups, 1) ?? fields.number('groups', layer?.groups);
      const parameters = codeNames(fields, name, layer);
      const window = source && windows(source, kernelSize, stride, padding, 'floor');
      const outputShape = fields.expected(layer?.outputShape, window && [filters, ...window]);
      return { kind, ...base, outputShape, ...parameters, filters, kernelSize, stride, padding, groups };
    }
    case 'dense': {
      const layer = given?.kind === kind ? given : undefined;
      const units = fields.number('units', layer?.units);
      const parameters = codeNames(fields, name, layer);
      return { kind, ...base, outputShape: fields.expected(layer?.outputShape, [units]), ...parameters, units };
    }
    case 'pool': {
      const layer = given?.kind === kind ? given : undefined;
      const mode = fields.flag('average', layer?.mode === 'average') ? 'average' : 'max';
      const size = fields.pair('pool size', layer?.size);
      const stride = fields.same('stride as size', layer?.stride, size) ?? fields.pair('pool stride', layer?.stride);
      const padding = codePadding(fields, layer?.padding);
      const rounding = fields.flag('ceil', layer?.rounding === 'ceil') ? 'ceil' : 'floor';
      const window = source && windows(source, size, stride, padding, rounding);
      const outputShape = fields.expected(layer?.outputShape, window && [source[0] ?? 0, ...window]);
      return { kind, ...base, outputShape, mode, size, stride, padding, rounding };
    }
    case 'flatten':
      return { kind, ...base, outputShape: fields.expected(given?.outputShape, source && [elementCount(source)]) };
    default:
      return { kind, ...base, outputShape: fields.expected(given?.outputShape, source) };
  }
}

/** A layer of a kind that this version does not know, as JSON. */
function codeForeignLayer(fields: Fields, given?: Layer): Layer {
  const layer = fields.json(given) as Partial<Layer> | null;
  const isLayer =
    typeof layer?.name === 'string' &&
    Array.isArray(layer.inputs) &&
    Array.isArray(layer.outputShape) &&
    layer.outputShape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (!isLayer) fields.coder.fail('not-a-header', 'a layer without name, inputs or output shape');
  return layer as Layer;
}

const kindCodeOf = (layer: Layer | undefined): number => (layer ? 1 + KINDS.indexOf(layer.kind) : 0);

/** What a convolution or pool makes of `[C, H, W]`: how many windows fit, down and across. */
function windows(
  [, height = 0, width = 0]: Shape,
  size: readonly [number, number],
  stride: readonly [number, number],
  [top, bottom, left, right]: readonly [number, number, number, number],
  rounding: 'floor' | 'ceil',
): [number, number] {
  const count = (extent: number, before: number, after: number, window: number, step: number): number => {
    const fitting = Math[rounding]((extent + before + after - window) / step) + 1;
    // As in Caffe, a last window that would start beyond the input is left out.
    return rounding === 'ceil' && (fitting - 1) * step >= extent + before ? fitting - 1 : fitting;
  };
  return [count(height, top, bottom, size[0], stride[0]), count(width, left, right, size[1], stride[1])];
}

type Padding = readonly [number, number, number, number];

function codePadding(fields: Fields, given?: Padding): Padding {
  const first = given?.[0] ?? 0;
  if (fields.flag('even padding', given?.every((side) => side === first) ?? true)) {
    const side = fields.number('padding', first);
    return [side, side, side, side];
  }
  const side = (i: 0 | 1 | 2 | 3): number => fields.number('padding', given?.[i]);
  return [side(0), side(1), side(2), side(3)];
}

/** The names of kernel and bias: by convention `<layer>/kernel` and `<layer>/bias`. */
function codeNames(
  fields: Fields,
  name: string,
  given?: { readonly kernel: string; readonly bias?: string },
): { kernel: string; bias?: string } {
  const kernel = fields.same('usual kernel', given?.kernel, `${name}/kernel`) ?? fields.text(given?.kernel);
  if (!fields.flag('has bias', given?.bias !== undefined)) return { kernel };
  return { kernel, bias: fields.same('usual bias', given?.bias, `${name}/bias`) ?? fields.text(given?.bias) };
}

/** Usually the layer before, and none for an input. Else each by how far back it is. */
function codeInputs(
  fields: Fields,
  before: readonly Layer[],
  kind: string,
  given?: readonly string[],
): readonly string[] {
  const last = before.at(-1)?.name;
  const usual = kind === 'input' || last === undefined ? [] : [last];
  const inputs = fields.same('usual inputs', given, usual);
  if (inputs) return inputs;
  return fields.list('inputs', given, (input) => {
    const index = before.findLastIndex((layer) => layer.name === input);
    if (input !== undefined && index < 0)
      throw new RangeError(`encodeModel: input "${input}" is made by no layer before`);
    const back = fields.number('input distance', before.length - 1 - index);
    return (
      before[before.length - 1 - back]?.name ?? fields.coder.fail('not-a-header', 'an input before the first layer')
    );
  });
}

function codePreprocess(fields: Fields, given?: Preprocess): Preprocess {
  const scale = fields.optional('scale', given?.scale, (value) => fields.real(value));
  const mean = fields.optional('mean', given?.mean, (value) => fields.list('mean', value, (x) => fields.real(x)));
  const std = fields.optional('std', given?.std, (value) => fields.list('std', value, (x) => fields.real(x)));
  return { ...(scale !== undefined && { scale }), ...(mean && { mean }), ...(std && { std }) };
}

/** Usually those that the layers name, in their order, with the shapes that follow; else a list of indices or names, and shapes. */
function codeWeights(fields: Fields, layers: readonly Layer[], given?: readonly WeightEntry[]): readonly WeightEntry[] {
  const usual = usualWeights(layers);
  const asUsual = fields.same(
    'usual weights',
    given?.map(({ name, shape }) => ({ name, shape })),
    usual,
  );
  if (asUsual) return asUsual;
  return fields.list('weights', given, (weight) => {
    const index = fields.number('usual weight', 1 + usual.findIndex(({ name }) => name === weight?.name));
    const expected = usual[index - 1];
    if (index > usual.length) fields.coder.fail('not-a-header', 'a weight that no layer has');
    return {
      name: expected?.name ?? fields.text(weight?.name),
      shape: fields.expected(weight?.shape, expected?.shape),
    };
  });
}

function usualWeights(layers: readonly Layer[]): WeightEntry[] {
  const shapes = new Map(layers.map((layer) => [layer.name, layer.outputShape]));
  return layers.flatMap((layer) => {
    const source = shapes.get(layer.inputs[0] ?? '') ?? [];
    return weightNames(layer).map(({ role, name }) => ({ name, shape: usualShape(layer, role, source) }));
  });
}

function usualShape(layer: Layer, role: 'kernel' | 'bias', source: Shape): Shape {
  if (layer.kind === 'dense') return role === 'bias' ? [layer.units] : [layer.units, elementCount(source)];
  if (layer.kind !== 'conv2d') return [];
  return role === 'bias'
    ? [layer.filters]
    : [layer.filters, Math.floor((source[0] ?? 0) / Math.max(1, layer.groups)), ...layer.kernelSize];
}

function codeRecord(fields: Fields, most: number, given?: RecordEntry): RecordEntry {
  const index = given ? CODECS.indexOf(given.codec) : 0;
  const number = fields.number('codec', index < 0 ? CODECS.length : index);
  const codec = CODECS[number] ?? fields.text(given?.codec);
  const count = fields.flag('all the rest', given?.count === most)
    ? most
    : 1 + fields.number('count', (given?.count ?? 1) - 1);
  if (count > most) fields.coder.fail('not-a-header', `a record of ${count} weights where ${most} are left`);
  const bytes = fields.number('bytes', given?.bytes);
  // The last bytes always have one.
  const checksum = count === most || fields.flag('checksum', given?.checksum ?? false);
  return { codec, count, bytes, checksum };
}

/** Guesses a layer's name: the last of its kind, counted up. */
class NameGuesser {
  readonly #last = new Map<string, string>();

  code(fields: Fields, kind: keyof typeof FIRST_NAMES, given?: string): string {
    const last = this.#last.get(kind);
    const guess = last === undefined ? FIRST_NAMES[kind] : countUp(last);
    const name = fields.same('usual name', given, guess) ?? fields.text(given);
    this.#last.set(kind, name);
    return name;
  }
}

/** pool1 → pool2, conv9 → conv10; what does not end in a number is taken to be the first: flatten → flatten2. */
function countUp(name: string): string {
  const digits = /[1-9][0-9]{0,8}$/.exec(name)?.[0];
  return digits === undefined ? `${name}2` : name.slice(0, -digits.length) + (Number(digits) + 1);
}

/** Codes values of the sorts that headers hold. Each field learns what it usually is. */
class Fields {
  readonly coder: BitCoder;
  readonly #contexts = new Map<string, AdaptiveBits>();
  readonly #text = new TextCoder();

  constructor(coder: BitCoder) {
    this.coder = coder;
  }

  flag(field: string, value: boolean): boolean {
    return this.#bits(field, 1).code(this.coder, 0, value ? 1 : 0) === 1;
  }

  /** A number below 2^bits, in a context. */
  choice(field: string, value: number, bits: number, context: number): number {
    return this.#bits(`${field} ${context}`, 2 ** bits).codeTree(this.coder, 0, value, bits);
  }

  /** A whole number, 0…2³² − 2: its width in bits by an adaptive unary code, then the bits. */
  number(field: string, value = 0): number {
    const contexts = this.#bits(field, 33);
    const width = 31 - Math.clz32(value + 1);
    let bits = 0;
    while (contexts.code(this.coder, bits, bits < width ? 1 : 0) === 1) {
      if (++bits > 31) this.coder.fail('number-out-of-range', 'a number over 2^32');
    }
    return 2 ** bits + codeBits(this.coder, (value + 1) % 2 ** bits, bits) - 1;
  }

  /** The length of a list. */
  size(field: string, value?: number): number {
    const size = this.number(field, value);
    if (size > LONGEST_LIST) this.coder.fail('limit', `a list of ${size}`);
    return size;
  }

  /** A flag whether the value is the expected one: if so, that; if not, undefined. */
  same<T>(field: string, value: T | undefined, expected: T): T | undefined {
    return this.flag(field, JSON.stringify(value) === JSON.stringify(expected)) ? expected : undefined;
  }

  optional<T, U>(field: string, value: T | undefined, code: (value: T | undefined) => U): U | undefined {
    return this.flag(field, value !== undefined) ? code(value) : undefined;
  }

  list<T, U>(field: string, values: readonly T[] | undefined, code: (value: T | undefined) => U): U[] {
    const size = this.size(`${field} size`, values?.length);
    const result: U[] = [];
    for (let i = 0; i < size; i++) result.push(code(values?.[i]));
    return result;
  }

  pair(field: string, value?: readonly [number, number]): readonly [number, number] {
    const first = this.number(field, value?.[0]);
    return [first, this.flag(`${field} square`, value?.[0] === value?.[1]) ? first : this.number(field, value?.[1])];
  }

  /** Extents; a last one equal to the one before is common. */
  shape(value?: Shape): Shape {
    const rank = this.number('rank', value?.length);
    if (rank > 8) this.coder.fail('limit', `a shape of ${rank} extents`);
    const extents: number[] = [];
    for (let i = 0; i < rank; i++) {
      const same = i > 0 && this.flag('same extent', value?.[i] === value?.[i - 1]);
      extents.push(same ? extents[i - 1]! : this.number('extent', value?.[i]));
    }
    return extents;
  }

  /** A shape that should follow from what is known. */
  expected(value: Shape | undefined, expected: Shape | undefined): Shape {
    const usable = expected?.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
    return (usable && expected && this.same('usual shape', value, expected)) || this.shape(value);
  }

  text(value?: string): string {
    return this.#text.code(this.coder, value);
  }

  json(value: unknown): unknown {
    const text = this.text(value === undefined ? '' : JSON.stringify(value));
    try {
      return JSON.parse(text);
    } catch {
      return this.coder.fail('not-text', 'a text that is not JSON');
    }
  }

  /** A real number: whole, one over a whole number, a float32, or 64 bits. */
  real(value = 0): number {
    const isWhole = (x: number): boolean => Number.isInteger(x) && x >= 0 && x < 2 ** 24 && !Object.is(x, -0);
    const over = Math.round(1 / value);
    const sort = isWhole(value) ? 0 : isWhole(over) && 1 / over === value ? 1 : Math.fround(value) === value ? 2 : 3;
    switch (this.choice('real', sort, 2, 0)) {
      case 0:
        return this.number('whole', sort === 0 ? value : 0);
      case 1:
        return 1 / (this.number('over', sort === 1 ? over - 1 : 0) + 1);
      case 2: {
        const float = Float32Array.of(value);
        bitsOf(float)[0] = codeBits(this.coder, bitsOf(float)[0]!, 32);
        return float[0]!;
      }
      default: {
        const view = new DataView(new ArrayBuffer(8));
        view.setFloat64(0, value);
        view.setUint32(0, codeBits(this.coder, view.getUint32(0), 32));
        view.setUint32(4, codeBits(this.coder, view.getUint32(4), 32));
        return view.getFloat64(0);
      }
    }
  }

  #bits(field: string, size: number): AdaptiveBits {
    let bits = this.#contexts.get(field);
    if (!bits) this.#contexts.set(field, (bits = new AdaptiveBits(size)));
    return bits;
  }
}

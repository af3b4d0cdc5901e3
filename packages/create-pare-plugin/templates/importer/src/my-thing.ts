import {
  CorruptDataError,
  denseWeight,
  type Exporter,
  elementCount,
  type ImportedModel,
  type Importer,
  type Weight,
} from '@pare/core';

/** What the files of this format begin with. */
const SIGNATURE = '{"my-thing":';

/** Reads a network's weights from a JSON file: `{ "my-thing": 1, "weights": [{ "name", "shape", "values" }] }`. */
export const importer: Importer = {
  id: 'my-thing',
  extensions: ['mything'],
  recognizes: ({ bytes }) => new TextDecoder('latin1').decode(bytes.subarray(0, SIGNATURE.length)) === SIGNATURE,
  async read({ bytes }): Promise<ImportedModel> {
    const { weights } = parse(bytes);
    if (!Array.isArray(weights)) throw corrupt('"weights" expected a list');
    const read = weights.map(readWeight);
    if (new Set(read.map(({ name }) => name)).size < read.length) throw corrupt('two weights have the same name');
    return { model: { layers: [], weights: read, history: [] }, notes: [] };
  },
};

/** Writes it. A `.pare` file holds dense, masked and shared weights; `pare decode` makes forms of plugins dense before. */
export const exporter: Exporter = {
  id: 'my-thing',
  extension: 'mything',
  async write({ layers, weights }, name) {
    const written = weights.map((weight) => ({
      name: weight.name,
      shape: weight.shape,
      values: [...numbersOf(weight)],
    }));
    const json = JSON.stringify({ 'my-thing': 1, weights: written });
    return {
      files: new Map([[`${name}.mything`, new TextEncoder().encode(json)]]),
      notes: layers.length > 0 ? ['the format holds weights alone: layers are left out'] : [],
    };
  },
};

function numbersOf({ name, form }: Weight): Float32Array {
  const kind: string = form.kind; // a plugin may have added others
  if (form.kind === 'dense' || form.kind === 'masked') return form.values;
  if (form.kind === 'shared') {
    const { codebook, indices, mask } = form;
    return Float32Array.from(indices, (index, i) => (mask[i] ? codebook[index]! : 0));
  }
  throw new RangeError(`my-thing: "${name}" expected dense, masked or shared, got the form "${kind}"`);
}

// Everything below trusts nothing: a file may be cut short, damaged, or made to harm.

function parse(bytes: Uint8Array): { readonly weights?: unknown } {
  try {
    return Object(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (error) {
    throw corrupt(`expected JSON: ${(error as Error).message}`);
  }
}

function readWeight(item: unknown, i: number): Weight {
  const { name, shape, values } = Object(item) as { name?: unknown; shape?: unknown; values?: unknown };
  if (typeof name !== 'string' || name === '') throw corrupt(`weights[${i}].name expected text`);
  const isWhole = (extent: unknown): extent is number => Number.isSafeInteger(extent) && (extent as number) >= 0;
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isWhole)) {
    throw corrupt(`the shape of "${name}" expected up to 8 whole numbers`);
  }
  if (!Array.isArray(values) || values.length !== elementCount(shape)) {
    throw corrupt(`the values of "${name}" expected ${elementCount(shape)} numbers for [${shape}]`);
  }
  const numbers = Float32Array.from(values, (value) => (typeof value === 'number' ? value : Number.NaN));
  if (!numbers.every(Number.isFinite)) throw corrupt(`the values of "${name}" expected finite numbers`);
  return denseWeight(name, shape, numbers);
}

const corrupt = (message: string): CorruptDataError => new CorruptDataError('my-thing', 0, message);

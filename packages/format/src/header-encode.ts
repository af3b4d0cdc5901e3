import type { Layer } from '@pare/core';
import { ArithmeticEncoder } from './arithmetic-encode.ts';
import { type CodedHeader, codeHeaderText, type Header, MOST_EXTENTS, type Row, usualWeights } from './header.ts';

/**
 * Writes a header.
 *
 * @throws RangeError if a layer takes an input that no layer before it makes or gives more than 32 extents, something is not plain
 *   data as JSON knows it, or there is more of it than a header may hold
 */
export function encodeHeader({ layers, weights, records, ...extras }: Header): Uint8Array {
  const places = new Map(layers.map(({ name }, i) => [name, i]));
  const entries = weights.map(({ name, shape }) => ({ name, shape }));
  const header: CodedHeader = {
    layers: layers.map((layer, i) => rowOf(layer, i, places, layers)),
    ...(!isSame(entries, usualWeights(layers)) && { weights: entries.map(({ name, shape }) => [name, shape]) }),
    records: records.map(({ codec, count, bytes, checksum }) => [codec, count, bytes, checksum ? 1 : 0]),
    ...extras,
  };
  const encoder = new ArithmeticEncoder();
  const coder = {
    code: (bit: number, probability: number) => encoder.code(bit, probability),
    fail: (_: string, explanation: string) => {
      throw new RangeError(`encodeModel: layers, names and metadata are ${explanation}`);
    },
  };
  codeHeaderText(coder, asciiJson(header));
  return encoder.finish();
}

/** The order of keys that the primer has, so that the order in which a layer was built costs nothing. */
const ORDER = [
  'kind',
  'name',
  'inputs',
  'mode',
  'units',
  'filters',
  'kernelSize',
  'size',
  'stride',
  'padding',
  'dilation',
  'groups',
  'rounding',
  'outputShape',
  'kernel',
  'bias',
];

/** Leaves out what a reader would assume. */
function rowOf(layer: Layer, index: number, places: ReadonlyMap<string, number>, layers: readonly Layer[]): Row {
  const inputs = layer.inputs.map((input) => {
    const back = index - (places.get(input) ?? index);
    if (back <= 0) {
      throw new RangeError(`encodeModel: layer "${layer.name}" takes "${input}", which no layer before it makes`);
    }
    return back;
  });
  const extents = layer.outputShape.length;
  if (extents > MOST_EXTENTS) {
    throw new RangeError(`encodeModel: layer "${layer.name}" expected at most ${MOST_EXTENTS} extents, got ${extents}`);
  }
  const source = layers[index - inputs[0]!];
  const row: Record<string, unknown> = {};
  for (const key of [...ORDER, ...Object.keys(layer)]) {
    const value: unknown = key === 'inputs' ? inputs : layer[key as never];
    row[key] = value === `${layer.name}/${key}` ? true : value;
  }
  if (isSame(inputs, layer.kind === 'input' ? [] : [1])) row.inputs = undefined;
  if (isSame(layer.outputShape, 'units' in layer ? [layer.units] : source?.outputShape)) row.outputShape = undefined;
  return row as unknown as Row;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** JSON in characters below 128. */
function asciiJson(value: object): string {
  const text = JSON.stringify(value, (key, part) => {
    if (typeof part === 'number' && !Number.isFinite(part)) {
      throw new RangeError(`encodeModel: "${key}" expected a finite number, got ${part}`);
    }
    return part;
  });
  return text.replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

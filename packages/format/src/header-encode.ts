import type { Layer } from '@pare/core';
import { ArithmeticEncoder } from './arithmetic-encode.ts';
import { codeHeader, EXAMPLE, type Header } from './header.ts';

/**
 * Writes a header.
 *
 * @throws RangeError if a layer takes an input that no layer before it makes, a text holds a zero character, or something else
 *   is not plain data as JSON knows it, or more than a header may hold
 */
export function encodeHeader({ layers, weights, records, ...extras }: Header): Uint8Array {
  const numbers = new Map(layers.map(({ name }, i) => [name, i]));
  const rows = layers.map((layer, i) => codedLayer(layer, i, numbers));
  const encoder = new ArithmeticEncoder();
  codeHeader(
    {
      code: (bit, probability) => encoder.code(bit, probability),
      fail: (_, explanation) => {
        throw new RangeError(`encodeModel: layers, weights and metadata would make ${explanation}`);
      },
    },
    plain({ layers: rows, weights: weights.map(({ name, shape }) => ({ name, shape })), records, extras }),
  );
  return encoder.finish();
}

/** Inputs become distances; keys come in the order of the example, so that the order in which a layer was built costs nothing. */
function codedLayer(layer: Layer, number: number, numbers: ReadonlyMap<string, number>): object {
  const inputs = layer.inputs.map((input) => {
    const back = number - (numbers.get(input) ?? number);
    if (back <= 0) {
      throw new RangeError(`encodeModel: layer "${layer.name}" takes "${input}", which no layer before it makes`);
    }
    return back;
  });
  const example = EXAMPLE.layers.find(({ kind }) => kind === layer.kind) ?? EXAMPLE.layers[2]!;
  return { ...Object.fromEntries(Object.keys(example).map((key) => [key, undefined])), ...layer, inputs };
}

/** What JSON makes of it: nothing undefined, no methods, no number that is not finite. */
function plain<T>(value: object): T {
  const text = JSON.stringify(value, (key, part) => {
    if (typeof part === 'number' && !Number.isFinite(part)) {
      throw new RangeError(`encodeModel: "${key}" expected a finite number, got ${part}`);
    }
    return part;
  });
  if (text.includes('\\u0000')) throw new RangeError('encodeModel: expected texts without zero characters');
  return JSON.parse(text) as T;
}

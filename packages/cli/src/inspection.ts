import type { Model, Parametrization } from '@pare/core';
import type { FileDescription } from '@pare/format';
import { entropyBound } from './bound.ts';
import { numbersOf } from './numbers.ts';

/** What there is to see of a weight. */
export interface WeightInspection {
  readonly name: string;
  readonly shape: readonly number[];
  readonly form: string;
  readonly count: number;
  /** Share of numbers that are not zero. */
  readonly density: number;
  /** Entries of the codebook. */
  readonly levels?: number;
  readonly codec?: string;
  readonly bytes?: number;
  readonly bytesByStream?: Readonly<Record<string, number>>;
  /** Order-0 entropy of places and values. */
  readonly boundBytes: number;
  readonly least: number;
  readonly most: number;
  readonly standardDeviation: number;
  /** How many non-zero numbers fall into each of 40 bins from −m to m, m the largest in size. */
  readonly histogram: readonly number[];
}

export interface Inspection {
  readonly file: string;
  readonly name?: string;
  readonly fileBytes: number;
  readonly layers: number;
  readonly numbers: number;
  readonly weights: readonly WeightInspection[];
  /** Bytes by kind of part, of a .pare file. */
  readonly parts?: Readonly<Record<string, number>>;
  /** Weights by codec, of a .pare file. */
  readonly codecs?: Readonly<Record<string, number>>;
}

/** Looks at every weight. */
export function inspectModel(
  file: string,
  model: Model,
  fileBytes: number,
  description?: FileDescription,
  parametrizations?: readonly Parametrization[],
): Inspection {
  const described = new Map(description?.weights.map((weight) => [weight.name, weight]));
  const weights = model.weights.map((weight): WeightInspection => {
    const { form, name, shape } = weight;
    const { codec, bytes, bytesByStream } = described.get(name) ?? {};
    const values = numbersOf(weight, parametrizations);
    return {
      name,
      shape,
      form: form.kind,
      ...(form.kind === 'shared' && { levels: form.codebook.length }),
      ...(codec !== undefined && bytes !== undefined && bytesByStream && { codec, bytes, bytesByStream }),
      boundBytes: entropyBound(form.kind === 'masked' || form.kind === 'shared' ? form : { kind: 'dense', values }) / 8,
      ...statistics(values),
    };
  });
  return {
    file,
    ...(model.name !== undefined && { name: model.name }),
    fileBytes,
    layers: model.layers.length,
    numbers: weights.reduce((sum, { count }) => sum + count, 0),
    weights,
    ...(description && {
      parts: sums(description.parts.map(({ kind, bytes }) => [kind, bytes])),
      codecs: sums(description.weights.map(({ codec }) => [codec, 1])),
    }),
  };
}

const BINS = 40;

function statistics(values: Float32Array) {
  let [least, most, sum, squares, kept] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
    squares += value * value;
    if (value !== 0) kept++;
  }
  const count = values.length;
  const bound = Math.max(Math.abs(least), Math.abs(most)) || 1;
  const histogram = new Array<number>(BINS).fill(0);
  for (const value of values) {
    if (value !== 0) histogram[Math.min(BINS - 1, Math.floor(((value / bound + 1) / 2) * BINS))]!++;
  }
  return {
    count,
    density: count === 0 ? 0 : kept / count,
    least: count === 0 ? 0 : least,
    most: count === 0 ? 0 : most,
    standardDeviation: count === 0 ? 0 : Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)),
    histogram,
  };
}

function sums(pairs: readonly (readonly [string, number])[]): Record<string, number> {
  const totals = new Map<string, number>();
  for (const [key, value] of pairs) totals.set(key, (totals.get(key) ?? 0) + value);
  return Object.fromEntries(totals);
}

import type { Conv2dLayer, DenseLayer, Layer, Shape, StageRecord } from '@pare/core';
import type { BitCoder } from './bit-coder.ts';
import { corrupt } from './corrupt.ts';
import { countOf } from './count.ts';
import { codeText } from './text.ts';

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

/** What a file says beside layers, weights and records. Keys that this version does not know are carried along. */
export interface HeaderExtras {
  readonly name?: string;
  readonly labels?: readonly string[];
  readonly topology?: unknown;
  readonly metadata?: unknown;
  readonly history?: readonly StageRecord[];
}

/** All that a file says but the numbers. */
export interface Header extends HeaderExtras {
  readonly layers: readonly Layer[];
  readonly weights: readonly WeightEntry[];
  readonly records: readonly RecordEntry[];
}

/**
 * A header to learn from before the first bit, LeNet-5 and some more: the usual keys, and what usually follows what. A change
 * makes another format.
 */
const PRIMER =
  '{"layers":[{"kind":"input","name":"data","outputShape":[1,28,28],"preprocess":{"scale":0.00390625}},' +
  '{"kind":"conv2d","name":"conv1","filters":20,"kernelSize":[5,5],"stride":[1,1],"padding":[0,0,0,0],"groups":1,"outputShape":[20,24,24],"kernel":true,"bias":true},' +
  '{"kind":"pool","name":"pool1","mode":"max","size":[2,2],"stride":[2,2],"padding":[0,0,0,0],"rounding":"floor","outputShape":[20,12,12]},' +
  '{"kind":"flatten","name":"flatten","outputShape":[800]},' +
  '{"kind":"dense","name":"ip1","units":500,"kernel":true,"bias":true},' +
  '{"kind":"relu","name":"relu1"},' +
  '{"kind":"dense","name":"ip2","units":10,"kernel":true,"bias":true},' +
  '{"kind":"softmax","name":"prob","inputs":[1]}' +
  '],"records":[["adaptive@1",1,99,0],["streams@1",1,999,1]]}';

/** Keys under which layers name their weights, in the order in which files usually have these. */
const ROLES = ['kernel', 'bias', 'gamma', 'beta', 'mean', 'variance'] as const;

/** Keys of layers that are whole numbers, or lists of them, if they are there. */
const WHOLE = ['units', 'filters', 'groups', 'kernelSize', 'stride', 'padding', 'size'];

/** Extents of what a layer gives. Each layer may inherit them: all layers times all extents must not keep a reader busy. */
export const MOST_EXTENTS = 32;

/** A layer as a file holds it, of any kind: which keys it has depends on that. */
export interface Row {
  readonly kind: string;
  readonly name: string;
  /** How many layers back each input is. Default `[1]`, for an input layer none. */
  readonly inputs?: readonly number[];
  /** Default: `[units]` or, without these, that of its first input. */
  readonly outputShape?: Shape;
  readonly units?: number;
  /** Among them names of weights, where `true` stands for `<name of the layer>/<key>`. */
  readonly [key: string]: unknown;
}

/** A header as a file holds it, as JSON: what follows from the rest is left out. Keys that a reader does not know are carried along. */
export interface CodedHeader extends HeaderExtras {
  readonly layers: readonly Row[];
  /** Default: the usual ones. */
  readonly weights?: readonly (readonly [name: string, shape: Shape])[];
  /** `checksum` is 1 or 0. */
  readonly records: readonly (readonly [codec: string, count: number, bytes: number, checksum: number])[];
}

/** Walks the text of a header. */
export const codeHeaderText = (coder: BitCoder, given?: string): string => codeText(coder, PRIMER, given);

/**
 * Takes the text of a header apart.
 *
 * @throws CorruptDataError if it is no JSON or lacks what it needs
 */
export function parseHeader(text: string): Header {
  try {
    const { layers: rows, weights: listed, records: entries, ...extras } = JSON.parse(text) as CodedHeader;
    const layers: Layer[] = [];
    for (const row of rows) layers.push(layerOf(row, layers));
    const weights = listed?.map(([name, shape]) => ({ name, shape })) ?? usualWeights(layers);
    const records = entries.map(([codec, count, bytes, ends]) => ({ codec, count, bytes, checksum: ends > 0 }));
    const { name = '', labels = [], history = [] } = extras;
    expect(
      isText(name) &&
        areAll(isText, labels) &&
        Array.isArray(history) &&
        weights.every(({ name, shape }) => isText(name) && areAll(isWhole, shape)) &&
        records.every(({ codec, count, bytes }) => isText(codec) && count > 0 && areAll(isWhole, [count, bytes])) &&
        records.reduce((sum, { count }) => sum + count, 0) === weights.length &&
        records.at(-1)?.checksum !== false,
    );
    return { ...extras, layers, weights, records };
  } catch (cause) {
    corrupt('not-a-header', 0, 'it lacks a part', cause as Error);
  }
}

function layerOf(row: Row, before: readonly Layer[]): Layer {
  const inputs = row.inputs ?? (row.kind === 'input' ? [] : [1]);
  const sources = inputs.map((back) => before[before.length - back]!);
  const { kind, name, units, outputShape = units ? [units] : sources[0]?.outputShape } = row;
  const named: Record<string, unknown> = {};
  for (const role of ROLES) if (row[role] === true) named[role] = `${name}/${role}`;
  expect(
    areAll(isText, [kind, name]) &&
      areAll(isWhole, outputShape) &&
      outputShape!.length <= MOST_EXTENTS &&
      areAll(
        isWhole,
        WHOLE.flatMap((key) => row[key] ?? []),
      ),
  );
  return { ...row, ...named, inputs: sources.map(({ name }) => name), outputShape } as unknown as Layer; // of any kind
}

/** The weights that layers name, with the shapes that follow. */
export function usualWeights(layers: readonly Layer[]): WeightEntry[] {
  const shapes = new Map(layers.map(({ name, outputShape }) => [name, outputShape]));
  return layers.flatMap((layer) => {
    const { inputs, outputShape, units, filters, groups, kernelSize } = layer as DenseLayer & Conv2dLayer;
    const source = shapes.get(inputs[0]!) ?? [];
    const kernel = units ? [units, countOf(source)] : [filters, source[0]! / groups].concat(kernelSize);
    return ROLES.flatMap((role) => {
      const name = layer[role as never];
      return isText(name) ? { name, shape: role === 'kernel' ? kernel : [outputShape[0]!] } : [];
    });
  });
}

const isText = (value: unknown): value is string => typeof value === 'string';

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const areAll = (are: (value: unknown) => boolean, values: unknown): boolean =>
  Array.isArray(values) && values.every(are);

function expect(condition: boolean): void {
  if (!condition) throw new TypeError();
}

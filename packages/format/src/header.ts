import { elementCount, type Layer, type Shape, type StageRecord } from '@pare/core';
import type { BitCoder } from './bit-coder.ts';
import { type DocumentCoder, documentCoder, type Guess, type Plain, type PlainObject } from './document.ts';

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
  /** What a reader must know to read the file rightly; one that does not must refuse it. None so far. */
  readonly requires?: readonly string[];
}

/** All that a file says but the numbers. */
export interface Header extends HeaderExtras {
  readonly layers: readonly Layer[];
  readonly weights: readonly WeightEntry[];
  readonly records: readonly RecordEntry[];
}

/** A header as it is coded: layers tell their inputs by how many layers back those are. */
export interface CodedHeader {
  readonly layers: readonly PlainObject[];
  readonly weights: readonly PlainObject[];
  readonly records: readonly PlainObject[];
  readonly extras: PlainObject;
}

/**
 * A header to learn from before the first bit: the usual keys and words, and what usually follows what. Of the kinds of layer
 * in it, it is also the schema: a layer of such a kind has these keys, with such values. A change makes another format.
 */
export const EXAMPLE: CodedHeader = /* @__PURE__ */ (() => {
  const parts = (name: string) => ({ kernel: `${name}/kernel`, bias: `${name}/bias` });
  const conv = (name: string, size: number, pad: number) => ({
    kind: 'conv2d',
    name,
    inputs: [1],
    filters: 64,
    kernelSize: [size, size],
    stride: [1, 1],
    padding: [pad, pad, pad, pad],
    groups: 1,
    outputShape: [64, 28, 28],
    ...parts(name),
  });
  const same = (kind: string, name: string, outputShape: number[]) => ({ kind, name, inputs: [1], outputShape });
  const dense = (name: string) => ({ kind: 'dense', name, inputs: [1], units: 10, outputShape: [10], ...parts(name) });
  return {
    layers: [
      { ...same('input', 'data', [1, 28, 28]), inputs: [], preprocess: { scale: 1 / 256 } },
      conv('conv1', 3, 1),
      same('relu', 'relu1', [64, 28, 28]),
      conv('conv2', 1, 0),
      same('relu', 'relu_conv2', [64, 28, 28]),
      {
        kind: 'pool',
        name: 'pool1',
        inputs: [1],
        mode: 'max',
        size: [2, 2],
        stride: [2, 2],
        padding: [0, 0, 0, 0],
        rounding: 'floor',
        outputShape: [64, 14, 14],
      },
      same('flatten', 'flatten', [12544]),
      dense('ip1'),
      same('relu', 'relu1', [10]),
      dense('ip2'),
      same('softmax', 'prob', [10]),
    ],
    weights: [
      { name: 'conv1/kernel', shape: [64, 1, 3, 3] },
      { name: 'conv1/bias', shape: [64] },
    ],
    records: [
      { codec: 'streams@1', count: 1, bytes: 1, checksum: false },
      { codec: 'adaptive@1', count: 1, bytes: 99, checksum: true },
    ],
    extras: {},
  };
})();

/** Lists longer than this are refused: no network has so many layers, weights or records. */
const LONGEST_LIST = 65536;

/** Keys under which layers name their weights, in the order in which files usually have these. */
const ROLES = ['kernel', 'bias', 'gamma', 'beta', 'mean', 'variance'];

/** What may be absent where the example has it. */
const OPTIONAL = ['bias', 'preprocess', 'scale'];

/** Lists that may have another length than in the example. */
const OF_ANY_LENGTH = ['inputs', 'outputShape', 'shape', 'labels', 'requires', 'history'];

/** A layer as it is coded. While it is being read anything may be absent. */
type Row = PlainObject & { readonly name: string; readonly inputs: Shape; readonly outputShape: Shape };

/**
 * Walks a header. Whatever follows from what came before (names that count up, inputs, shapes) costs a fraction of a bit to
 * confirm; deviations are written out.
 *
 * @param given - when encoding, what to write
 */
export function codeHeader(coder: BitCoder, given?: CodedHeader): Header {
  const value = documentCoder();
  walk({ code: (bit) => bit, fail: coder.fail }, value, EXAMPLE);
  return walk(coder, value, given);
}

function walk(coder: BitCoder, value: DocumentCoder, given?: CodedHeader): Header {
  const fail = (): never => coder.fail('not-a-header', 'a header that lacks what it needs');
  const list = <T>(rows: readonly Plain[] | undefined, code: (row: Plain | undefined) => T): T[] => {
    const size = value(coder, rows?.length);
    if (!isLike(size, 0) || (size as number) > LONGEST_LIST) fail();
    return Array.from({ length: size as number }, (_, i) => code(rows?.[i]));
  };

  const rows: Row[] = [];
  const usual: WeightEntry[] = [];
  const numbers = new Map<Plain | undefined, number>();
  const lastNames = new Map<Plain | undefined, string>();
  const guessLayer: Guess = (key, { kind, name, inputs, filters, units }) => {
    const source = rows.at(-(inputs as Shape)?.[0]!)?.outputShape;
    if (key === 'name') return countUp(lastNames.get(kind));
    if (ROLES.includes(key)) return typeof name === 'string' ? `${name}/${key}` : undefined;
    if (key !== 'outputShape') return undefined;
    if (units) return [units];
    return source && (kind === 'flatten' ? [elementCount(source)] : [filters ?? source[0], ...source.slice(1)]);
  };
  const layers = list(given?.layers, (given): Layer => {
    const row = value(coder, given, guessLayer) as Row;
    if (!isLike(row, EXAMPLE.layers.find(({ kind }) => kind === row?.kind) ?? EXAMPLE.layers[2]!)) fail();
    const { kind, name, inputs } = row;
    const sources = inputs.map((back) => (back > 0 && rows.at(-back)) || fail());
    lastNames.set(kind, name);
    for (const role of ROLES.filter((role) => typeof row[role] === 'string')) {
      numbers.set(row[role], usual.push({ name: row[role] as string, shape: usualShape(row, role, sources[0]) }));
    }
    rows.push(row);
    return { ...row, inputs: sources.map(({ name }) => name) } as unknown as Layer; // of any kind, with what that needs
  });

  let next = 0;
  const weights = list(given?.weights, (given): WeightEntry => {
    const guess: Guess = (key, { name }) => (key === 'name' ? usual[next]?.name : usual[numbers.get(name)! - 1]?.shape);
    const row = value(coder, given, guess);
    if (!isLike(row, EXAMPLE.weights[0]!)) fail();
    next = numbers.get((row as PlainObject).name) ?? next;
    return row as unknown as WeightEntry;
  });

  let left = weights.length;
  const records = list(given?.records, (given): RecordEntry => {
    const row = value(coder, given) as unknown as RecordEntry;
    if (!isLike(row, EXAMPLE.records[0]!) || !row.count) fail();
    left -= row.count;
    return row;
  });
  const extras = value(coder, given?.extras) as HeaderExtras;
  const { name = '', labels = [], requires = [], history = [] } = extras ?? {};
  if (
    left ||
    records.at(-1)?.checksum === false ||
    !isLike(
      { name, labels, requires, history, extras },
      { name, labels: [''], requires: [''], history: [{}], extras: {} },
    )
  ) {
    fail();
  }
  return { ...extras, layers, weights, records };
}

/** The shape that a layer's weight has if nothing is odd. */
function usualShape({ units, filters, groups, kernelSize, outputShape }: any, role: string, source?: Row): Shape {
  if (role !== 'kernel') return [outputShape[0]];
  if (units) return [units, elementCount(source?.outputShape ?? [])];
  return [filters, (source?.outputShape[0] ?? 0) / groups, ...kernelSize];
}

/** Whether a value has the sort of the example, all keys of it, and whole numbers where it has whole numbers. */
function isLike(value: unknown, example: Plain, key?: string): boolean {
  if (Array.isArray(example)) {
    return (
      Array.isArray(value) &&
      (OF_ANY_LENGTH.includes(key!) || value.length === example.length) &&
      value.every((item) => isLike(item, example[0] ?? 0))
    );
  }
  if (typeof example === 'object') {
    return (
      Object(value) === value &&
      Object.entries(example!).every(([key, part]) => {
        const own = (value as PlainObject)[key];
        return (own === undefined && OPTIONAL.includes(key)) || isLike(own, part, key);
      })
    );
  }
  return Number.isInteger(example)
    ? Number.isSafeInteger(value) && (value as number) >= 0
    : typeof value === typeof example;
}

/** pool1 → pool2, conv9 → conv10; what does not end in a number is taken to be the first: flatten → flatten2. */
function countUp(name?: string): string | undefined {
  return name?.replace(/([1-9]\d{0,8})?$/, (digits) => `${Number(digits || 1) + 1}`);
}

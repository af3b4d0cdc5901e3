import { percent, table } from '../text.ts';
import type { Estimate, HardwareEstimate } from './estimate.ts';

/** What a network and its estimates are about. */
export interface CostReport {
  readonly network: string;
  /** Whether there are weights, or only what is computed. */
  readonly from: 'weights' | 'topology';
  readonly batch: number;
  /** Where densities of activations come from. */
  readonly activations: 'measured' | 'assumed' | 'told';
  readonly hardware: readonly HardwareEstimate[];
  readonly notes: readonly string[];
}

/** Several pieces of hardware, a line each; one, a line a layer. */
export function describeCost(report: CostReport): string {
  const [only, ...others] = report.hardware;
  const body = only && others.length === 0 ? byLayer(only, report.batch) : overview(report);
  return `${body}\n${remarks(report)}`;
}

function overview({ hardware, network, batch }: CostReport): string {
  const perImage = (estimate: Estimate | null, key: 'energyPj' | 'latencyUs') =>
    estimate ? (key === 'energyPj' ? joules : time)(estimate[key] / batch) : '–';
  const compressed = hardware.some(({ after }) => after);
  const rows = hardware.map(({ hardware: name, title, bits, before, after }) => [
    name,
    title,
    String(bits),
    size(before.memory.weights),
    ...(compressed ? [after ? size(after.memory.weights) : '–'] : []),
    perImage(before, 'energyPj'),
    ...(compressed ? [perImage(after, 'energyPj')] : []),
    perImage(before, 'latencyUs'),
    ...(compressed ? [perImage(after, 'latencyUs')] : []),
  ]);
  const pair = (what: string) => (compressed ? [`${what} before`, 'after'] : [what]);
  const headings = ['', 'hardware', 'bits', ...pair('weights'), ...pair('energy'), ...pair('time')];
  return `${network}, batch ${batch}, an example of it\n\n${table(headings, rows)}\n`;
}

function byLayer({ title, before, after, unit }: HardwareEstimate, batch: number): string {
  const kinds = inOrder(Object.keys(before.byData), KINDS);
  const energy = (picojoules: number) => joules(picojoules / batch);
  const shares = (estimate: Estimate, i: number) =>
    kinds.map((kind) => percent(share(estimate.layers[i]!.byData[kind] ?? 0, estimate.layers[i]!.energyPj)));
  const last = after ?? before;
  const rows = before.layers.map((layer, i) => [
    layer.name,
    ...(after ? [percent(after.layers[i]!.weightDensity)] : []),
    percent(layer.inputDensity),
    energy(layer.energyPj),
    ...(after ? [energy(after.layers[i]!.energyPj)] : []),
    time(layer.latencyUs / batch),
    ...(after ? [time(after.layers[i]!.latencyUs / batch)] : []),
    ...shares(last, i),
  ]);
  const total = [
    'all',
    ...(after ? [''] : []),
    '',
    energy(before.energyPj),
    ...(after ? [energy(after.energyPj)] : []),
    time(before.latencyUs / batch),
    ...(after ? [time(after.latencyUs / batch)] : []),
    ...kinds.map((kind) => percent(share(last.byData[kind] ?? 0, last.energyPj))),
  ];
  const pair = (what: string) => (after ? [`${what} before`, 'after'] : [what]);
  const headings = ['layer', ...(after ? ['kept'] : []), 'active', ...pair('energy'), ...pair('time'), ...kinds];
  const inUnits = unit
    ? `\nin units of a ${unit.name}: ${units(before, unit.picojoules, batch)}${after ? ` → ${units(after, unit.picojoules, batch)}` : ''}`
    : '';
  return [
    `${title}, batch ${batch}, an example of it`,
    `${after ? 'kept: weights that are not zero; ' : ''}active: inputs that are not zero; the last columns: what the energy${after ? ' after' : ''} is spent for`,
    '',
    table(headings, [...rows, total]),
    '',
    levels(last) + inUnits,
    `memory: ${memoryOf(before, after, batch)}`,
    ...layerNotes(last),
    '',
  ].join('\n');
}

/** What must be held: of weights their numbers alone. */
export function memoryOf(before: Estimate, after: Estimate | null, batch: number): string {
  const weights = `${size(before.memory.weights)} of weights`;
  const kept = after ? ` → ${size(after.memory.weights)}, not counting where they stand` : '';
  return `${weights}${kept}; ${size(before.memory.activations)} of maps${batch > 1 ? ' for the whole batch' : ''}`;
}

/** What is to be known about the numbers, once for all layers of which it is said. Notes whose figures differ from layer to layer are in the JSON. */
export function layerNotes({ layers }: Estimate): readonly string[] {
  const saidOf = new Map<string, string[]>();
  for (const { name, notes } of layers) {
    for (const note of notes) saidOf.set(note, [...(saidOf.get(note) ?? []), name]);
  }
  const withoutFigures = (note: string): string => note.replace(/[\d.]+/g, '#');
  const alike = (note: string): number =>
    [...saidOf.keys()].filter((other) => withoutFigures(other) === withoutFigures(note)).length;
  return [...saidOf]
    .filter(([note]) => alike(note) === 1)
    .map(([note, names]) => `${among(names, layers.length)}: ${note}`);
}

const among = (names: readonly string[], all: number): string =>
  names.length === all ? 'all layers' : names.length > 4 ? `${names.length} of ${all} layers` : names.join(', ');

const levels = ({ byLevel, energyPj }: Estimate): string =>
  `by level: ${inOrder(Object.keys(byLevel), LEVELS)
    .map((level) => `${level} ${percent(share(byLevel[level]!, energyPj))}`)
    .join(' · ')}`;

/** Names in their usual order, others behind. */
export const inOrder = (names: readonly string[], usual: readonly string[]): readonly string[] => [
  ...usual.filter((name) => names.includes(name)),
  ...names.filter((name) => !usual.includes(name)),
];

/** What energy is spent for, and where from far to near, as rows and bars have them. */
export const KINDS = ['weights', 'inputs', 'outputs', 'computation', 'other'] as const;
const LEVELS = ['dram', 'buffer', 'array', 'register', 'alu', 'rest'] as const;

function remarks({ hardware, activations, notes }: CostReport): string {
  const [only, ...others] = hardware;
  const constants = others.length === 0 ? (only?.constants ?? []) : [];
  const zeros = {
    measured: 'zeros of activations were measured on the examples',
    assumed: 'zeros of activations are assumed: half of what has passed a ReLU; --calibration measures them',
    told: 'zeros of activations are those of the table',
  }[activations];
  const named = (status: string) => constants.filter((each) => each.status === status).map(({ name }) => name);
  const worth = ['published', 'measured', 'fitted', 'assumed'].flatMap((status) => {
    const names = named(status);
    return names.length > 0 ? [`constants ${status}: ${names.join(', ')}`] : [];
  });
  const bare = hardware.some(({ after }) => after);
  const where =
    others.length > 0
      ? [
          ...(bare ? ['weights after: the numbers that are not zero, not counting where they stand'] : []),
          'what each rests on: --hardware NAME, or --json',
        ]
      : [];
  return [...alikeRemarks(hardware), zeros, ...worth, ...where, ...notes].join('\n');
}

/** Why there are rows that compression did not change, if there are any. What differs before and after is which weights are zero. */
export function alikeRemarks(hardware: readonly HardwareEstimate[]): string[] {
  const shown = ({ energyPj, latencyUs }: Estimate): string => `${joules(energyPj)} ${time(latencyUs)}`;
  const alike = hardware.filter(({ before, after }) => after && shown(before) === shown(after));
  if (alike.length === 0) return [];
  const pruned = alike.some(({ after }) => after?.layers.some(({ weightDensity }) => weightDensity < 1));
  const why = pruned ? 'the zeros among these weights spare it nothing' : 'no weight is zero';
  const names = alike.map(({ hardware: name }) => name).join(', ');
  return [`${names}: the same before and after, as ${why}; bits are the hardware's own, whatever the file takes`];
}

const units = (estimate: Estimate, picojoules: number, batch: number): string =>
  (estimate.energyPj / picojoules / batch).toExponential(3);

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Picojoules in a unit that suits them. */
export const joules = (picojoules: number): string => scaled(picojoules, ['pJ', 'nJ', 'µJ', 'mJ', 'J', 'kJ']);

/** Microseconds in a unit that suits them. */
export const time = (microseconds: number): string => scaled(microseconds, ['µs', 'ms', 's', '10³ s']);

const size = (bytes: number): string => scaled(bytes, ['B', 'kB', 'MB', 'GB']);

function scaled(value: number, names: readonly string[]): string {
  let [left, power] = [value, 0];
  while (left >= 999.5 && power < names.length - 1) {
    left /= 1000;
    power++;
  }
  return `${left === 0 ? 0 : left.toPrecision(3)} ${names[power]}`;
}

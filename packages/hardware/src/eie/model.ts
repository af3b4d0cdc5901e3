import { type HardwareModel, seededRandom, type Workload } from '@pare/core';
import { type Action, costOf, NOTHING, price, tableOf } from '../actions.ts';
import { type Geometry, geometryOf } from '../geometry.ts';
import { EIE_ACTIVITY, EIE_POWER } from '../tables/eie.ts';
import { countColumns, type EieColumns } from './columns.ts';
import { drawnColumns } from './drawn.ts';
import { type EieMachine, eieMachine } from './machine.ts';
import { type EieRun, simulateEie } from './simulate.ts';

export interface EieOptions extends Partial<EieMachine> {
  /**
   * `'power'`: 9.2 mW an element for as long as it takes, as the paper computes; `'activity'`: by what is read and computed, with
   * energies that are derived from it. Default `'power'`.
   */
  readonly energy?: 'power' | 'activity';
  /** Of the zeros where only densities are known; default 1. */
  readonly seed?: number;
}

/**
 * EIE: a matrix-vector product over compressed weights in SRAM, skipping zeros of both operands.
 *
 * Where a workload brings its weights, and a dense layer its inputs, the zeros are where they are; otherwise they are drawn by the
 * densities. A convolution is taken for one matrix-vector product at each position of its output, all like the one, or, where a product
 * has few columns, the several that are simulated; the paper has measured dense layers alone.
 *
 * @throws RangeError naming an option that is out of range
 * @example
 * eie().name // 'eie'
 * @see Han et al. 2016, "EIE: efficient inference engine on compressed deep neural network", arXiv:1602.01528
 */
export function eie({ energy = 'power', seed = 1, ...options }: EieOptions = {}): HardwareModel {
  if (energy !== 'power' && energy !== 'activity') {
    throw new RangeError(`eie: "energy" expected power or activity, got ${JSON.stringify(energy)}`);
  }
  const machine = eieMachine(options);
  const constants = energy === 'power' ? EIE_POWER : EIE_ACTIVITY;
  const table = tableOf(constants);
  return {
    name: 'eie',
    title: `EIE, ${machine.peCount} processing elements at ${machine.clockMHz} MHz`,
    source: 'Han et al. 2016, arXiv:1602.01528',
    bits: { weights: machine.codebookBits, activations: 16 },
    constants: [
      { name: 'clock', value: machine.clockMHz, unit: 'MHz', status: 'published', source: 'EIE, section V' },
      ...constants,
    ],
    cost(work) {
      const geometry = geometryOf(work);
      if (!geometry) return NOTHING;
      const { batch } = work;
      const example = simulateExample(work, geometry, machine, seed);
      const actions = energy === 'power' ? powerActions(example, machine, batch) : activityActions(example, batch);
      const parts = price(work.layer.name, actions, table);
      const notes = [
        ...(energy === 'power'
          ? ['what energy is spent for is told by the power of the modules, alike for all layers']
          : []),
        ...notesOn(work, geometry, machine),
      ];
      return costOf(parts, { latencyUs: example.us * batch, dramBytes: 0, notes });
    },
  };
}

/** What the matrix-vector products of one example come to, together. */
type Sums = Pick<EieRun, 'us' | 'entries' | 'matrixLines' | 'pointerPairs'>;

/** Columns that are drawn for a layer at least, if it has so many products: of a few, chance would make all or none active. */
const ENOUGH_COLUMNS = 256;

/** Simulates the products of one example: those of which all is known, or so many of them that chance hardly matters. */
function simulateExample(work: Workload, { M, C, R, S, E, F, G }: Geometry, machine: EieMachine, seed: number): Sums {
  const { weights, inputs, weightDensity, inputDensity } = work;
  const [rows, columns, positions] = [M / G, (C / G) * R * S, E * F];
  const random = seededRandom(seed);
  const drawn = (draw: number, ofRows: number): EieColumns =>
    drawnColumns(
      {
        ...{ rows: ofRows, columns, weightDensity, activationDensity: inputDensity },
        seed: draw === 0 ? seed : random.fork(draw).uint32(),
      },
      machine,
    );
  const drawsOf = (products: number, drawnColumnsEach: number): number =>
    inputDensity === 1 ? 1 : Math.min(products, Math.ceil(ENOUGH_COLUMNS / drawnColumnsEach));
  if (!weights) {
    const draws = drawsOf(G * positions, columns);
    const runs = Array.from({ length: draws }, (_, draw) => simulateEie(drawn(draw, rows)));
    return sumsOf(runs, (G * positions) / draws);
  }
  const known = work.layer.kind === 'dense' ? inputs : undefined;
  const draws = known ? 1 : drawsOf(positions, columns * G);
  const ofGroup = (group: number, isActive: (column: number) => boolean): EieColumns =>
    countColumns(
      rows,
      columns,
      isActive,
      (column) => {
        const base = group * rows * columns + column;
        return (row) => weights[base + row * columns] !== 0;
      },
      machine,
      true,
    );
  const runs = Array.from({ length: G * draws }, (_, draw) => {
    const active = known ? undefined : new Set(drawn(draw, 0).active);
    return simulateEie(ofGroup(Math.floor(draw / draws), (column) => active?.has(column) ?? known![column] !== 0));
  });
  return sumsOf(runs, positions / draws);
}

/** Adds up runs, each of which stands for so many products. */
function sumsOf(runs: readonly EieRun[], times: number): Sums {
  const sum = (key: keyof Sums): number => times * runs.reduce((total, run) => total + run[key], 0);
  return { us: sum('us'), entries: sum('entries'), matrixLines: sum('matrixLines'), pointerPairs: sum('pointerPairs') };
}

function powerActions({ us }: Sums, { peCount }: EieMachine, times: number): Action[] {
  const count = us * peCount * times;
  return [
    { action: 'spmat.us', data: 'weights', level: 'buffer', count },
    { action: 'pointer.us', data: 'weights', level: 'buffer', count },
    { action: 'arithmetic.us', data: 'computation', level: 'alu', count },
    { action: 'activation.us', data: 'outputs', level: 'register', count },
    { action: 'queue.us', data: 'inputs', level: 'register', count },
    { action: 'rest.us', data: 'other', level: 'alu', count },
  ];
}

const activityActions = ({ matrixLines, pointerPairs, entries }: Sums, times: number): Action[] => [
  { action: 'spmat.line', data: 'weights', level: 'buffer', count: matrixLines * times },
  { action: 'pointer.pair', data: 'weights', level: 'buffer', count: pointerPairs * times },
  { action: 'mac', data: 'computation', level: 'alu', count: entries * times },
  { action: 'activation.access', data: 'outputs', level: 'register', count: entries * times },
  { action: 'queue.item', data: 'inputs', level: 'register', count: pointerPairs * times },
];

const SRAM_BYTES = 128 * 1024; // of weights, an element; EIE, section V

function notesOn(work: Workload, { weights, E, F }: Geometry, machine: EieMachine): string[] {
  const notes: string[] = [];
  if (E * F > 1) {
    notes.push('a convolution as one matrix-vector product a position: assumed, the paper has dense layers');
  }
  if (work.weightBits > machine.codebookBits) {
    notes.push(`weights of ${work.weightBits} bits as codes of ${machine.codebookBits}: they must share values`);
  }
  const bytes = (weights * work.weightDensity * (machine.codebookBits + machine.indexBits)) / 8;
  const fits = machine.peCount * SRAM_BYTES;
  if (bytes > fits) notes.push(`the weights do not fit into ${Math.floor(fits / 1e3)} kB of SRAM`);
  return notes;
}

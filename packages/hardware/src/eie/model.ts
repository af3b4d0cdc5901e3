import type { HardwareModel, Workload } from '@pare/core';
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
 * densities. A convolution is taken for one matrix-vector product at each position of its output, all like the one that is simulated;
 * the paper has measured dense layers alone.
 *
 * @throws RangeError if the machine cannot be built
 * @example
 * eie().name // 'eie'
 * @see Han et al. 2016, "EIE: efficient inference engine on compressed deep neural network", arXiv:1602.01528
 */
export function eie({ energy = 'power', seed = 1, ...options }: EieOptions = {}): HardwareModel {
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
      const { run, products } = simulateWork(work, geometry, machine, seed);
      const times = products * work.batch;
      const actions = energy === 'power' ? powerActions(run, machine, times) : activityActions(run, times);
      const parts = price(work.layer.name, actions, table);
      return costOf(parts, { latencyUs: run.us * times, dramBytes: 0, notes: notesOn(work, geometry, machine) });
    },
  };
}

/**
 * Simulates one matrix-vector product of a workload.
 *
 * @returns the run, and how many such products make one example
 */
function simulateWork(
  work: Workload,
  { M, C, R, S, E, F, G }: Geometry,
  machine: EieMachine,
  seed: number,
): { readonly run: EieRun; readonly products: number } {
  const [rows, columns] = [M / G, (C / G) * R * S];
  const drawn = { rows, columns, weightDensity: work.weightDensity, activationDensity: work.inputDensity, seed };
  if (!work.weights) return { run: simulateEie(drawnColumns(drawn, machine)), products: E * F * G };
  const { weights, inputs } = work;
  const known = inputs && work.layer.kind === 'dense';
  const zeros = known ? undefined : drawnColumns({ ...drawn, rows: 0 }, machine).active;
  const active = new Set(zeros);
  const ofGroup = (group: number): EieColumns =>
    countColumns(
      rows,
      columns,
      (column) => (known ? inputs[column] !== 0 : active.has(column)),
      (column) => {
        const base = group * rows * columns + column;
        return (row) => weights[base + row * columns] !== 0;
      },
      machine,
      true,
    );
  const runs = Array.from({ length: G }, (_, group) => simulateEie(ofGroup(group)));
  const us = runs.reduce((sum, run) => sum + run.us, 0);
  const total = (key: 'active' | 'entries' | 'matrixLines' | 'pointerPairs') =>
    runs.reduce((sum, run) => sum + run[key], 0);
  const sums = {
    active: total('active'),
    entries: total('entries'),
    matrixLines: total('matrixLines'),
    pointerPairs: total('pointerPairs'),
  };
  return { run: { ...runs[0]!, us, ...sums }, products: E * F };
}

function powerActions({ us }: EieRun, { peCount }: EieMachine, times: number): Action[] {
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

const activityActions = ({ matrixLines, pointerPairs, entries }: EieRun, times: number): Action[] => [
  { action: 'spmat.line', data: 'weights', level: 'buffer', count: matrixLines * times },
  { action: 'pointer.pair', data: 'weights', level: 'buffer', count: pointerPairs * times },
  { action: 'mac', data: 'computation', level: 'alu', count: entries * times },
  { action: 'activation.access', data: 'outputs', level: 'register', count: entries * times },
  { action: 'queue.item', data: 'inputs', level: 'register', count: pointerPairs * times },
];

const SRAM_BYTES = 128 * 1024; // of weights, an element; EIE, section V

function notesOn(work: Workload, { weights, E, F }: Geometry, machine: EieMachine): string[] {
  const notes: string[] = [];
  if (E * F > 1)
    notes.push('a convolution as one matrix-vector product a position: assumed, the paper has dense layers');
  if (work.weightBits > machine.codebookBits) {
    notes.push(`weights of ${work.weightBits} bits as codes of ${machine.codebookBits}: they must share values`);
  }
  const bytes = (weights * work.weightDensity * (machine.codebookBits + machine.indexBits)) / 8;
  const fits = machine.peCount * SRAM_BYTES;
  if (bytes > fits)
    notes.push(`${Math.ceil(bytes / 1e3)} kB of weights do not fit into ${Math.floor(fits / 1e3)} kB of SRAM`);
  return notes;
}

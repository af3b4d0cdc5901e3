import {
  drawnColumns,
  drawnWithEntries,
  type EieColumns,
  type EieRun,
  REAL_UNEVENNESS,
  simulateEie,
} from '@pare/hardware';
import type { EieBenchmark } from '@pare/hardware/published';

/** Depths of a queue, and numbers of elements, to try. */
export const POWERS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

export interface Simulated {
  readonly layer: EieBenchmark;
  readonly published: readonly EieRun[];
  readonly matched: readonly EieRun[];
  /** Of the first seed, matched. */
  readonly columns: EieColumns;
}

export function simulate(layer: EieBenchmark, seeds: readonly number[]): Simulated {
  const matched = seeds.map((seed) =>
    drawnWithEntries({ ...layer, seed, unevenness: REAL_UNEVENNESS }, layer.theoreticalUs * 800 * 64),
  );
  return {
    layer,
    published: seeds.map((seed) => simulateEie(drawnColumns({ ...layer, seed }))),
    matched: matched.map(simulateEie),
    columns: matched[0]!,
  };
}

export const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
export const geometricMean = (numbers: readonly number[]): number => Math.exp(mean(numbers.map(Math.log)));
export const meanOf = (runs: readonly EieRun[], key: 'us' | 'balance' | 'paddingShare' | 'theoreticalUs'): number =>
  mean(runs.map((run) => run[key]));
export const errorOf = ({ layer }: Simulated, runs: readonly EieRun[]): number =>
  meanOf(runs, 'us') / layer.actualUs - 1;

const withDepth = (columns: EieColumns, fifoDepth: number): EieColumns => ({
  ...columns,
  machine: { ...columns.machine, fifoDepth },
});

export const sweepDepths = ({ name }: EieBenchmark, columns: EieColumns) => ({
  name,
  balance: POWERS.map((depth) => simulateEie(withDepth(columns, depth)).balance),
});

/** The same matrix dealt to 1 to 256 elements: as dense, and with as many active columns, as the matched one. */
export function sweepElements(layer: EieBenchmark, matched: EieColumns, seed: number) {
  const like = {
    ...layer,
    seed,
    weightDensity: Math.min(1, matched.nonzeros / (matched.active.length * layer.rows)),
    activationDensity: matched.active.length / layer.columns,
    unevenness: REAL_UNEVENNESS,
  };
  const runs = POWERS.map((peCount) => simulateEie(drawnColumns(like, { peCount })));
  return {
    name: layer.name,
    padding: runs.map((run) => run.paddingShare),
    balance: runs.map((run) => run.balance),
    speedup: runs.map((run) => runs[0]!.cycles / run.cycles),
  };
}

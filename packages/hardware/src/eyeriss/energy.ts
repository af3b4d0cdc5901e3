import type { Workload } from '@pare/core';
import type { Action } from '../actions.ts';
import type { Traffic } from './traffic.ts';

/**
 * What a zero saves. A zero input skips the weight's read and the multiplication; `'psum-always'` (default): the input's read
 * and the partial sum's read and write stay; `'strict'`: only the input's read stays; `'skip'`: none stays. A pruned weight
 * skips everything. Which one the chip does is not published: the default fits the published totals best.
 */
export type Gating = 'psum-always' | 'strict' | 'skip';
export const GATINGS: readonly Gating[] = ['psum-always', 'strict', 'skip'];

/**
 * Words that a run-length code makes of each number of density d, between 0 and 1: 64 bits hold three values of 16 and three runs of up
 * to 31 zeros. With g = (1−d)³² there are d/(1−g) entries a number; a code that does not pay is not used.
 *
 * @throws RangeError if `density` is not between 0 and 1
 * @example
 * runLengthRatio(1) // 1
 * runLengthRatio(0.25).toFixed(3) // '0.333'
 * @see Chen et al. 2017 (JSSC), section IV.C
 */
export function runLengthRatio(density: number): number {
  if (!(density >= 0 && density <= 1)) throw new RangeError(`runLengthRatio: "density" expected 0 … 1, got ${density}`);
  // 1 − (1−d)³² without cancellation; no density at all leaves one entry for each 32 zeros.
  const entries = density === 0 ? 1 / 32 : density / -Math.expm1(32 * Math.log1p(-density));
  return Math.min(1, (4 / 3) * entries);
}

/** What decides the price of traffic beside its words. */
export type Sparsity = Pick<
  Workload,
  'weightDensity' | 'inputDensity' | 'outputDensity' | 'weightBits' | 'activationBits' | 'effectiveMacs' | 'batch'
>;

/**
 * Lists the actions of a layer, in words of 16 bits and multiplications of 16 × 16: b bits are b/16 of a word, and weights of v bits
 * times inputs of a bits v·a/256 of a multiplication. Off the chip numbers are run-length coded, in the buffer they are not. The chip reads a
 * network's first input raw; a workload does not tell which that is, so one with zeros is taken for coded too.
 */
export function rowStationaryActions(traffic: Traffic, work: Sparsity, gating: Gating = 'psum-always'): Action[] {
  const { weightDensity, inputDensity, outputDensity, weightBits, activationBits } = work;
  const [weight, activation] = [weightBits / 16, activationBits / 16];
  const kept = traffic.macs * weightDensity;
  const done = work.effectiveMacs === undefined ? kept * inputDensity : work.effectiveMacs * work.batch;
  const weightRatio = runLengthRatio(weightDensity);
  const register = (data: Action['data'], count: number): Action => ({
    action: 'register.word',
    data,
    level: 'register',
    count,
  });
  const at = (level: 'dram' | 'buffer' | 'array', data: Action['data'], count: number): Action => ({
    action: `${level}.word`,
    data,
    level,
    count,
  });
  return [
    at('dram', 'weights', traffic.dramWeights * weightRatio * weight),
    at('array', 'weights', traffic.arrayWeights * weightRatio * weight),
    register('weights', done * weight),
    at('dram', 'inputs', traffic.dramInputs * runLengthRatio(inputDensity) * activation),
    at('buffer', 'inputs', traffic.bufferInputs * activation),
    at('array', 'inputs', traffic.arrayInputs * activation),
    register('inputs', (gating === 'skip' ? done : kept) * activation),
    at('dram', 'outputs', traffic.dramOutputs * runLengthRatio(outputDensity) * activation),
    at('buffer', 'outputs', traffic.bufferSums * activation),
    at('array', 'outputs', traffic.arraySums * activation),
    register('outputs', 2 * (gating === 'psum-always' ? kept : done) * activation),
    { action: 'mac', data: 'computation', level: 'alu', count: done * weight * activation },
  ];
}

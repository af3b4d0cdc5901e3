import type { HardwareModel } from '@pare/core';
import { eie } from './eie/model.ts';
import { eyeriss } from './eyeriss/model.ts';
import { asic, cpu, fpga, gpu, mgpu } from './ladder/roofline.ts';

const MAKERS: Readonly<Record<string, () => HardwareModel>> = { eie, eyeriss, cpu, gpu, mgpu, fpga, asic };

/** The names that `hardwareNamed` knows. */
export const hardwareNames = (): string[] => Object.keys(MAKERS);

/**
 * Finds a model of hardware by its name: for a word on a command line.
 *
 * @throws RangeError if none has it, naming those there are
 * @example
 * hardwareNamed('cpu').name // 'cpu'
 * hardwareNamed('abacus') // throws RangeError: hardwareNamed: "name" expected one of eie, eyeriss, cpu, gpu, mgpu, fpga, asic, got "abacus"
 */
export function hardwareNamed(name: string): HardwareModel {
  const make = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  if (make) return make();
  throw new RangeError(
    `hardwareNamed: "name" expected one of ${hardwareNames().join(', ')}, got ${JSON.stringify(name)}`,
  );
}

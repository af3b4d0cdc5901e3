import type { Kernels, Prepared } from '@pare/sparse-kernels';
import type { Side } from './measure.ts';

/**
 * A prepared layer as a side of a contest, run so long beforehand that engines have compiled it well. A round lasts two milliseconds.
 *
 * @param checked - is given the result
 */
export function kernelSide(
  kernels: Kernels,
  prepared: Prepared,
  x: Float32Array,
  outputs: number,
  checked?: (y: Float32Array) => void,
): Side {
  const [from, to] = [kernels.allocate(4 * x.length + 64), kernels.allocate(4 * outputs + 64)];
  const scratch = kernels.allocate(prepared.scratchBytes);
  kernels.float32(from, x.length).set(x);
  prepared.run(from, to, scratch);
  checked?.(kernels.float32(to, outputs));
  const start = performance.now();
  let runs = 0;
  for (; performance.now() - start < 40; runs++) prepared.run(from, to, scratch);
  const again = performance.now();
  for (let i = 0; i < runs; i++) prepared.run(from, to, scratch);
  const took = (performance.now() - again) / runs;
  return { run: () => prepared.run(from, to, scratch), runs: Math.max(1, Math.ceil(2 / took)) };
}

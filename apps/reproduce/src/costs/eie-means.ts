import { EIE_BENCHMARKS, EIE_TIMES, EIE_WATTS, type EieTimes } from '@pare/hardware/published';
import { geometricMean } from './eie-runs.ts';

/** Published times of the nine layers. */
export const timesOf = (device: EieTimes['device'], matrix: EieTimes['matrix'], batch: EieTimes['batch'] = 1) =>
  EIE_TIMES.find((row) => row.device === device && row.matrix === matrix && row.batch === batch)!.us;

/** That EIE is compared with. */
export const DEVICES = ['CPU', 'GPU', 'mGPU'] as const;

/** Geometric mean over the layers of a device's dense times at batch 1 to EIE's, both published. */
export const publishedSpeedup = (device: EieTimes['device']): number =>
  geometricMean(timesOf(device, 'dense').map((us, i) => us / EIE_BENCHMARKS[i]!.actualUs));

/** Times less energy, at the published watts. */
export const energyRatio = (device: EieTimes['device'], speedup: number): number =>
  (speedup * EIE_WATTS[device]) / EIE_WATTS.EIE;

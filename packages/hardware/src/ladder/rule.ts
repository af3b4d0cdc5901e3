/** A step of the ladder from general to dedicated hardware. */
export interface LadderStep {
  readonly step: 'CPU' | 'GPU' | 'FPGA' | 'ASIC';
  /** Energy as the rule has it, in the unit of what was given for the CPU. */
  readonly energy: number;
  /** 1 is the least: what must be spent before the first result. */
  readonly upfrontRank: number;
}

/**
 * The rule of thumb: each step from CPU to GPU, FPGA and dedicated chip takes a tenth of the energy, and costs more before the first
 * result. It is not what EIE's comparison shows; see `EIE_PLATFORMS` of `@pare/hardware/published`.
 *
 * @param cpuEnergy - in any unit
 * @param factor - of a step; default 10
 * @example
 * ladder(1000).map(({ step, energy }) => `${step} ${energy}`).join(', ') // 'CPU 1000, GPU 100, FPGA 10, ASIC 1'
 */
export const ladder = (cpuEnergy: number, factor = 10): readonly LadderStep[] =>
  (['CPU', 'GPU', 'FPGA', 'ASIC'] as const).map((step, i) => ({
    step,
    energy: cpuEnergy / factor ** i,
    upfrontRank: i + 1,
  }));

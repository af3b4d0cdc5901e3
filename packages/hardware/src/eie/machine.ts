/** What can be built of EIE. Defaults are the chip of the paper. */
export interface EieMachine {
  /** Processing elements; default 64. */
  readonly peCount: number;
  /** Activations that wait before each processing element, ≥ 1; default 8. */
  readonly fifoDepth: number;
  /** Bits of the count of zeros before an entry; default 4: up to 15. */
  readonly indexBits: number;
  /** Bits of a weight's code; code 0 is zero; default 4. */
  readonly codebookBits: number;
  /** Bits that one read of the sparse-matrix SRAM gives; default 64. */
  readonly lineBits: number;
  readonly clockMHz: number;
}

const PUBLISHED: EieMachine = { peCount: 64, fifoDepth: 8, indexBits: 4, codebookBits: 4, lineBits: 64, clockMHz: 800 };

/** Cycles that a last activation takes through the pipeline after the last pop. */
export const DRAIN = 6;

/**
 * Completes a machine by the published values.
 *
 * @throws RangeError if something of it cannot be built
 * @example
 * eieMachine({ peCount: 256 }).fifoDepth // 8
 */
export function eieMachine(options: Partial<EieMachine> = {}): EieMachine {
  const machine = { ...PUBLISHED, ...options };
  const check = (name: keyof EieMachine, least: number, most: number): void => {
    const value = machine[name];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`eieMachine: "${name}" expected a whole number ${least} … ${most}, got ${value}`);
    }
  };
  check('peCount', 1, 65536);
  check('fifoDepth', 1, 2 ** 31);
  check('indexBits', 1, 16);
  check('codebookBits', 1, 16);
  check('lineBits', machine.indexBits + machine.codebookBits, 4096);
  if (!(machine.clockMHz > 0)) throw new RangeError(`eieMachine: "clockMHz" expected > 0, got ${machine.clockMHz}`);
  return machine;
}

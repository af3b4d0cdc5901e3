/** Energy of an operation on so many bits. */
export interface OperationEnergy {
  readonly operation: 'int add' | 'int multiply' | 'float add' | 'float multiply';
  readonly bits: number;
  readonly picojoules: number;
  readonly status: 'published' | 'assumed';
  readonly source: string;
}

/** Energy of reading 64 bits from a memory of so many bytes; null: off the chip. */
export interface MemoryEnergy {
  readonly capacityBytes: number | null;
  readonly bits: 64;
  readonly picojoules: number;
  /** The upper end where a range is given. */
  readonly atMost?: number;
  readonly source: string;
}

const SOURCE = 'Horowitz 2014 (ISSCC), "Computing’s energy problem", 45 nm, 0.9 V';
const operation = (
  name: OperationEnergy['operation'],
  bits: number,
  picojoules: number,
  status: OperationEnergy['status'] = 'published',
): OperationEnergy => ({ operation: name, bits, picojoules, status, source: SOURCE });
const memory = (capacityBytes: number | null, picojoules: number, atMost?: number): MemoryEnergy => ({
  capacityBytes,
  bits: 64,
  picojoules,
  ...(atMost !== undefined && { atMost }),
  source: SOURCE,
});

/** The chart's operations. The multiplication of 16-bit floats is quoted from memory. */
export const OPERATION_ENERGIES: readonly OperationEnergy[] = [
  operation('int add', 8, 0.03),
  operation('int add', 16, 0.05),
  operation('int add', 32, 0.1),
  operation('float add', 16, 0.4),
  operation('float add', 32, 0.9),
  operation('int multiply', 8, 0.2),
  operation('int multiply', 32, 3.1),
  operation('float multiply', 16, 1.1, 'assumed'),
  operation('float multiply', 32, 3.7),
];

/** The chart's memories, by access of 64 bits. */
export const MEMORY_ENERGIES: readonly MemoryEnergy[] = [
  memory(8192, 10),
  memory(32768, 20),
  memory(1_048_576, 100),
  memory(null, 1300, 2600),
];

/** What the papers on pruning took from the chart, by access of 32 bits. @see Han et al. 2015, table 1; Han et al. 2016 (EIE), table I */
export const PRUNING_PAPERS_ENERGIES = {
  registerFile: 1,
  sram32kB: 5,
  dram: 640,
} as const;

/**
 * Tells the energy of an operation: the chart's value, or, where it has none for so many bits, from the nearest wider or else narrower one
 * it has: additions linear in bits, multiplications in their square.
 *
 * @param bits - 1 … 64
 * @throws RangeError if `bits` is not such a number
 * @example
 * operationEnergy('int add', 16) // 0.05
 * operationEnergy('int multiply', 16) // 0.775
 */
export function operationEnergy(name: OperationEnergy['operation'], bits: number): number {
  if (!(bits >= 1 && bits <= 64)) throw new RangeError(`operationEnergy: "bits" expected 1 … 64, got ${bits}`);
  const rows = OPERATION_ENERGIES.filter((row) => row.operation === name);
  const row = rows.find((each) => each.bits >= bits) ?? rows.at(-1)!;
  return row.picojoules * (bits / row.bits) ** (name.endsWith('multiply') ? 2 : 1);
}

import type { Geometry } from '../geometry.ts';
import type { Mapping, RowStationaryMachine } from './machine.ts';

/** Words of 16 bits that move for a whole batch, zeros included, by level: off the chip, through the buffer, between elements. */
export interface Traffic {
  readonly macs: number;
  readonly dramWeights: number;
  readonly dramInputs: number;
  readonly dramOutputs: number;
  readonly bufferInputs: number;
  readonly bufferSums: number;
  readonly arrayWeights: number;
  readonly arrayInputs: number;
  readonly arraySums: number;
  /** Elements at work: sets that would find no channels or no filters left stand still. */
  readonly activePes: number;
}

/** Rows of the input that a strip of e output rows needs. */
export const stripRows = ({ U, reach, H }: Geometry, e: number): number => Math.min((e - 1) * U + reach, H);

/**
 * Counts the words that a mapping moves. Fractions of passes are kept: a last pass that is half full counts half.
 *
 * With strips = ⌈E/e⌉, cg = ⌈Cg/(q·r)⌉, passes = G·(N/n)·(Cg/(q·r))·(Mg/(p·t))·(E/e), Cg and Mg being channels and filters of a group:
 *
 *     DRAM    weights  G·Mg·Cg·R·S·(N/n)·max(1, E/e)                       once for each group of images, and each strip
 *             inputs   G·N·Cg·H·W·halo·⌈Mg/m⌉                              halo: rows that strips share
 *             outputs  N·M·E·F
 *     buffer  inputs   passes·n·q·r·rows·W
 *             sums     G·N·Mg·E·F·(2·cg − 1) + N·M·E·F                     written, read again, read at last
 *     array   weights  passes·p·t·q·r·R·S·e    inputs  passes·n·q·r·t·R·e·W    sums  G·N·Mg·E·F·cg·(R·r − 1)
 *
 * @see Chen, Emer, Sze 2016 (ISCA), section VI; validated against the chip's counters (Chen et al. 2017, table V)
 */
export function trafficOf(geometry: Geometry, mapping: Mapping, batch: number): Traffic {
  const { M, C, R, S, H, W, E, F, G, macs } = geometry;
  const { m, n, e: asked, p, q, r, t } = mapping;
  const [Mg, Cg, N] = [M / G, C / G, batch];
  const e = Math.min(asked, E);
  const strips = Math.ceil(E / asked);
  const rows = stripRows(geometry, asked);
  const halo = strips > 1 ? Math.max(1, (strips * rows) / H) : 1;
  const cg = Math.ceil(Cg / (q * r));
  const passes = G * (N / n) * (Cg / (q * r)) * (Mg / (p * t)) * (E / asked);
  const outputs = N * M * E * F;
  return {
    macs: N * macs,
    dramWeights: M * Cg * R * S * (N / n) * Math.max(1, E / asked),
    dramInputs: N * C * H * W * halo * Math.ceil(Mg / m),
    dramOutputs: outputs,
    bufferInputs: passes * n * q * r * rows * W,
    bufferSums: outputs * cg + outputs * (cg - 1) + outputs,
    arrayWeights: passes * p * t * q * r * R * S * e,
    arrayInputs: passes * n * q * r * t * R * e * W,
    arraySums: outputs * cg * (R * r - 1),
    activePes: R * e * Math.min(r, Math.ceil(Cg / q)) * Math.min(t, Math.ceil(Mg / p)),
  };
}

/** Says why a mapping does not fit the machine, or nothing where it does. */
export function misfit(geometry: Geometry, mapping: Mapping, machine: RowStationaryMachine): string | undefined {
  const { M, C, R, S, W, F, G } = geometry;
  const { m, n, e, p, q, r, t } = mapping;
  const least = Math.min(p * t, M / G); // a last set of elements may find fewer filters than it could take
  const held = n * Math.min(q * r, C / G) * stripRows(geometry, e) * W + n * m * e * F;
  if (R * e * r * t > machine.peCount) return `R·e·r·t = ${R * e * r * t} of ${machine.peCount} elements`;
  if (q * S > Math.max(machine.inputWords, S)) return `q·S = ${q * S} of ${machine.inputWords} input words`;
  if (p * q * S > machine.filterWords) return `p·q·S = ${p * q * S} of ${machine.filterWords} filter words`;
  if (p > machine.sumWords) return `p = ${p} of ${machine.sumWords} sums`;
  if (held > machine.bufferWords) return `${held} of ${machine.bufferWords} words of the buffer`;
  if (m < least || m > M / G) return `m = ${m}, expected ${least} … ${M / G} filters of a group, as p·t = ${p * t}`;
  return undefined;
}

import type { NetworkName } from '../data/networks.ts';
import type { Statistics } from '../judgement/statistics.ts';
import type { Mode } from '../recipe.ts';
import type { Run } from '../result.ts';
import type { Beside } from './beside.ts';
import type { RowDetails } from './row.ts';

/** Everything a run of a ladder found out. */
export interface LadderResult extends Run {
  readonly kind: 'ladder';
  /** In the ladder's order; rows that were neither computed nor carried are left out. */
  readonly rows: readonly RowResult[];
  /** Smaller networks, from their own committed results. */
  readonly beside: readonly Beside[];
}

export interface RowResult {
  readonly id: string;
  /** By this run, or by an earlier one whose result is committed. */
  readonly state: 'computed' | 'carried';
  readonly weights: 'real' | 'generated' | 'none';
  readonly mode: Mode;
  readonly seed: number;
  readonly bytes: number;
  /** AlexNet's bytes as float32 over these. */
  readonly ratio: number;
  readonly against: NetworkName | null;
  /** On the images that judge; null where there are no real weights. */
  readonly judgement: Statistics | null;
  /** On the held-back fifth. */
  readonly heldBack: Statistics | null;
  /** How often this row has been judged, this time included; 0 if it was not. */
  readonly judged: number;
  readonly seconds: number;
  readonly note: string;
  readonly details: RowDetails;
}

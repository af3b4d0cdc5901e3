import type { NetworkName } from '../data/networks.ts';
import type { Statistics } from '../judgement/statistics.ts';
import type { Mode } from '../recipe.ts';
import type { Beside } from './beside.ts';
import type { RowDetails } from './row.ts';

/** Everything a run of a ladder found out, as committed under `results/`. */
export interface LadderResult {
  readonly kind: 'ladder';
  readonly recipe: string;
  readonly mode: Mode;
  readonly data: {
    readonly source: 'real' | 'generated';
    readonly note: string;
    readonly sha256: Readonly<Record<string, string>>;
  };
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  /** In the ladder's order; rows that were neither computed nor carried are left out. */
  readonly rows: readonly RowResult[];
  /** Smaller networks, from their own committed results. */
  readonly beside: readonly Beside[];
  readonly seconds: number;
  readonly resumed: boolean;
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

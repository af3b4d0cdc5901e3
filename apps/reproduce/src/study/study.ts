import type { Random } from '@pare/core';
import type { Bound, Mode } from '../recipe.ts';

/** A recipe of a third kind: numbers that are computed and set beside published ones. */
export interface Study {
  readonly kind: 'study';
  readonly name: string;
  readonly title: string;
  readonly source: string;
  run(context: StudyContext): Promise<Findings> | Findings;
}

export interface StudyContext {
  readonly mode: Mode;
  readonly seed: number;
  readonly random: Random;
  /** For what is kept between runs. */
  readonly folder: string;
  /** Whether what an earlier run kept there may be taken. */
  readonly resume: boolean;
  readonly signal: AbortSignal;
  report(stage: string, done: number): void;
}

/** What a study found. */
export interface Findings {
  readonly data: {
    readonly source: 'real' | 'generated';
    readonly note: string;
    readonly sha256: Readonly<Record<string, string>>;
  };
  readonly claims: readonly StudyClaim[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  /** What explains differences, and what the numbers rest on: a sentence each. */
  readonly notes: readonly string[];
}

/** A published number, the bound that we hold ourselves to, and what came of it. */
export interface StudyClaim {
  readonly what: string;
  readonly unit: string;
  readonly published: number | null;
  readonly source: string;
  readonly bound: Bound;
  readonly goal?: Bound;
  /** Null where it could not be measured. */
  readonly measured: number | null;
}

export interface Table {
  readonly title: string;
  readonly note?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

export type Chart =
  | {
      /** Lines over a scale of doublings. */
      readonly kind: 'lines';
      readonly title: string;
      readonly x: string;
      readonly y: string;
      readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
    }
  | {
      /** Ours beside published ones, on a logarithmic scale. */
      readonly kind: 'beside';
      readonly title: string;
      readonly unit: string;
      readonly rows: readonly { readonly name: string; readonly published: number | null; readonly measured: number }[];
    }
  | {
      /** Parts of wholes. */
      readonly kind: 'stack';
      readonly title: string;
      readonly unit: string;
      readonly rows: readonly { readonly name: string; readonly parts: Readonly<Record<string, number>> }[];
    };

/** Helps an editor to complete a study. */
export const defineStudy = (study: Omit<Study, 'kind'>): Study => ({ kind: 'study', ...study });

/** Tells a study from other recipes. */
export const isStudy = <T extends object>(recipe: T | Study): recipe is Study =>
  'kind' in recipe && recipe.kind === 'study';

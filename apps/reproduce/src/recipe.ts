import type { Layer, Plugin, Stage } from '@pare/core';
import type { EncodeModelOptions } from '@pare/format';

/** How much time to spend: seconds on drawn digits (for CI), minutes, or as long as the best result takes. */
export type Mode = 'smoke' | 'quick' | 'full';

/** A stretch of a recipe after which the network is measured. */
export interface Phase {
  readonly name: string;
  /** The phase whose network it starts from; default the one before. */
  readonly from?: string;
  readonly stages: readonly Stage[];
}

/** What a claim is about: the network after the phase named, or the final one. */
export type Measure = { readonly what: 'compression' | 'top-1 error' | 'fewer weights'; readonly after?: string };

/** A published number, with its source, and the bound that we hold ourselves to. */
export type Claim = Measure & {
  readonly published: number | null;
  readonly source: string;
  readonly bound: Bound;
  /** What we aim at beyond that. */
  readonly goal?: Bound;
};

export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** An experiment: a network, data, what is done to it, and what others reported for the same. */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly layers: () => Layer[];
  /** The first phase makes the reference net; it is the teacher of the later ones. */
  readonly phases: (mode: Mode) => readonly [Phase, ...Phase[]];
  /** In what it departs from the published procedure: printed with every result. */
  readonly departures?: readonly string[];
  readonly encode: EncodeModelOptions;
  /** Whose forms are trained, codecs compete, and reporters tell; their stages are functions: import them. */
  readonly plugins?: readonly Plugin[];
  /**
   * Which phases may give the final network: of those whose held-back error is at most so much above that of the dense
   * reference the smallest file, else the one with the least held-back error. Default the last phase.
   */
  readonly final?: { readonly among: readonly string[]; readonly heldBackRiseAtMost: number };
  readonly claims: readonly Claim[];
  /** Densities that a paper reports, to stand beside ours: kept share by name of weight. */
  readonly publishedDensities?: Readonly<Record<string, number>>;
}

/** Helps an editor to complete a recipe. */
export const defineRecipe = (recipe: Recipe): Recipe => recipe;

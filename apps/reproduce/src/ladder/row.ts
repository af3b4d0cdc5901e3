import type { Model, Random } from '@pare/core';
import type { Crops } from '../data/crops.ts';
import type { Fifth } from '../data/fifth.ts';
import type { ImageSet } from '../data/image-set.ts';
import type { NetworkName } from '../data/networks.ts';
import type { Statistics } from '../judgement/statistics.ts';
import type { KeptThing } from '../kept.ts';
import type { Mode } from '../recipe.ts';
import type { PublishedRow } from './published.ts';

/** A rung of the ladder: a network, something done to it, and what others reported for the same. */
export interface Row {
  /** Names it on the command line, in files and in results. */
  readonly id: string;
  readonly title: string;
  readonly architecture: string;
  /** `'published'` rows stand in the paper's table; ours and what everyone has for free stand below. */
  readonly group: 'published' | 'ours' | 'free';
  readonly published?: PublishedRow;
  /** Whether every run computes it, or only `--full` and whoever names it; the others show what is committed. */
  readonly runs: 'always' | 'full';
  /** Takes more than seconds whatever the material is: left out of smoke runs. */
  readonly large?: boolean;
  /** The network that its answers are compared with; undefined where accuracy cannot be measured, for want of real weights. */
  readonly against?: NetworkName;
  readonly bounds?: readonly RowBound[];
  /** Makes the network and its file. It learns from calibration images, chooses on held-back ones, and never sees those that judge. */
  run(context: RowContext): Promise<RowMade>;
}

/** What we hold ourselves to, and what we aim at. Bytes of the whole file; drops as shares, 0.01 = one point; seconds of the row. */
export interface RowBound {
  readonly what: 'bytes' | 'top-1 drop' | 'top-5 drop' | 'seconds';
  readonly atMost: number;
  readonly goal?: number;
}

/** Helps an editor to complete a row. */
export const defineRow = (row: Row): Row => row;

/** What a row may use. */
export interface RowContext {
  readonly mode: Mode;
  /** Of this row: the same whichever other rows are run. */
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Whether networks and images are real. */
  readonly material: 'real' | 'generated';
  /** Where a long row keeps, by name, how far it is; empty unless an interrupted run is gone on from. */
  kept(name: string): KeptThing;
  /** Says how far it is: what is being done, and the share of it that is done. */
  report(stage: string, fraction?: number): void;
  network(name: NetworkName): Promise<Model>;
  /** The pictures to learn from, and which of them are held back; for augmentation. */
  pictures(): Promise<{ readonly set: ImageSet; readonly fifth: Fifth }>;
  /** The centres of the pictures to learn from, as large as the network's input. */
  calibration(model: Model): Promise<Crops>;
  /** The centres of the held-back fifth. */
  heldBack(model: Model): Promise<Crops>;
  /**
   * Compares a network with the one it was made from, on the held-back fifth: what choices and curves are made of.
   *
   * @param count - on so many of its images alone; default all
   */
  tryOut(model: Model, against: NetworkName, count?: number): Promise<Statistics>;
  /** Makes something that several rows need, once in a run. */
  once<T>(name: string, make: () => Promise<T>): Promise<T>;
  /**
   * The same for what takes minutes: it is kept, and an interrupted run that is gone on from does not make it again.
   *
   * @param key - everything that the outcome depends on, beside the material and the seed
   */
  shared<T>(name: string, key: string, make: () => Promise<T>): Promise<T>;
}

/** What a row has made. */
export interface RowMade {
  /** The whole file, where it is a `.pare` file. */
  readonly file?: Uint8Array;
  /** Bytes of the whole file. */
  readonly bytes: number;
  /** What a reader gets from the file; judged if the row has something to be compared with. */
  readonly model?: Model;
  /** `'none'` where bytes were only counted. Default: as the material of the run. */
  readonly weights?: 'real' | 'generated' | 'none';
  /** Of a core, for the work that a bound speaks of; default the time that the row took. */
  readonly seconds?: number;
  /** A sentence for tables: settings, what was departed from. */
  readonly note?: string;
  readonly details?: RowDetails;
}

/** What a report draws. Everything is optional, and small enough to be committed. */
export interface RowDetails {
  /** Bytes from the dense network to the final file. */
  readonly stages?: readonly { readonly stage: string; readonly bytes: number }[];
  /** Of the final file, by weight. */
  readonly layers?: readonly LayerBytes[];
  /** Everything that was tried on the way, on the held-back fifth. */
  readonly points?: readonly Point[];
  /** What it costs to compress one weight alone. */
  readonly sensitivity?: readonly Sensitivity[];
  readonly histograms?: readonly Histogram[];
  readonly tables?: readonly DetailTable[];
}

/** What is best read as numbers. */
export interface DetailTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Where the published numbers in it are from, or what else there is to say. */
  readonly note?: string;
  /** Whether it is shown in a terminal too, below the rows. */
  readonly terse?: true;
}

export interface LayerBytes {
  readonly name: string;
  readonly elements: number;
  readonly kept: number;
  /** Its share of its record: a fraction where several weights share an arithmetic code. */
  readonly bytes: number;
  /** `bytes` by stream: codebook, symbols, gaps, … */
  readonly streams: Readonly<Record<string, number>>;
}

/** A file that was tried. */
export interface Point {
  readonly method: string;
  readonly bytes: number;
  readonly count: number;
  readonly top1: number | null;
  readonly agreement: number;
  readonly divergence: number;
}

export interface Sensitivity {
  readonly weight: string;
  /** By bits per weight, rising. */
  readonly points: readonly { readonly bits: number; readonly divergence: number }[];
}

/** Where the numbers of a weight lie, in cells of equal width from `low` to `high`, zeros left out; and their shared values. */
export interface Histogram {
  readonly weight: string;
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
  readonly zeros: number;
  readonly centroids: readonly number[];
  /** After fine-tuning, in the order of `centroids`. */
  readonly tuned?: readonly number[];
}

import type { Shape } from './weight.ts';

/** What became of a network, for people: made by whoever compressed or looked at it, put into words by a {@link Reporter}. */
export interface Report {
  /** Of what: a file's name, a recipe's. */
  readonly title: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** The same numbers as float32. */
  readonly originalBytes: number;
  /** What others make of the same network, by name: `'uint8 + brotli −11'`. */
  readonly beside: readonly { readonly name: string; readonly bytes: number; readonly relativeError: number }[];
  /** √(Σ ‖Δw‖² / Σ ‖w‖²); absent where there was nothing to compare with. */
  readonly relativeError?: number;
  readonly weights: readonly ReportedWeight[];
  /** What else was measured, in the order to tell it: accuracy, drift, seconds. */
  readonly facts: readonly { readonly name: string; readonly value: number; readonly unit?: string }[];
  /** What is to be known about all this, one sentence each. */
  readonly notes: readonly string[];
}

export interface ReportedWeight {
  readonly name: string;
  readonly shape: Shape;
  /** Share of numbers that are not zero, 0 … 1. */
  readonly density: number;
  /** Its part of the file, a fraction where several weights share a record; absent where there is no file. */
  readonly bytes?: number;
  readonly codec?: string;
  readonly relativeError?: number;
}

/** Puts a report into a file for people or programs: a table in Markdown, a badge, a page. A pure function. */
export interface Reporter {
  /** What a command line calls it: `'markdown'`. */
  readonly id: string;
  /** Of the file, without the dot. */
  readonly extension: string;
  render(report: Report): string;
}

import { type Model, parametrizationOf, type Shared } from '@pare/core';
import { builtinForms } from '@pare/tfjs';
import type { Histogram } from './row.ts';

/** How many cells a histogram has. */
const CELLS = 64;

/**
 * Counts where the numbers of each shared weight lay before they were shared, and tells the values they share, once clustered and at the
 * end.
 */
export function histogramsOf(before: Model, clustered: Model, tuned: Model): Histogram[] {
  return clustered.weights.flatMap(({ name, form }, i) => {
    const after = tuned.weights[i]!.form;
    if (form.kind !== 'shared' || after.kind !== 'shared') return [];
    const was = before.weights[i]!.form;
    const values = parametrizationOf(was, builtinForms)
      .toDense(was)
      .filter((value) => value !== 0);
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!(low < high)) return [];
    const counts = new Array<number>(CELLS).fill(0);
    for (const value of values) counts[Math.min(CELLS - 1, Math.floor(((value - low) / (high - low)) * CELLS))]!++;
    const centroids = short(form);
    return [
      { weight: name, low, high, counts, zeros: form.indices.length - values.length, centroids, tuned: short(after) },
    ];
  });
}

const short = ({ codebook }: Shared): number[] => Array.from(codebook, (value) => Number(value.toPrecision(4)));

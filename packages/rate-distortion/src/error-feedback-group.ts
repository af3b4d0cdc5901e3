import type { ColumnQuantizer } from './column-quantizer.ts';
import type { Curvature } from './curvature.ts';
import { BLOCK, type FeedbackWorkspace } from './feedback-workspace.ts';
import type { SaliencyCounts } from './saliency-counts.ts';

/** A group of rows that share a curvature, made ready. */
export interface GroupPlan {
  /** Mean importance · mean of 1 / U_jj², geometric. */
  readonly sensitivity: number;
  /** Quantises the rows column by column. @returns their divergence */
  round(pass: FeedbackPass): number;
}

/** What is the same for all columns of a pass, and what they add to. */
export interface FeedbackPass {
  readonly step: number;
  /** Nats that a bit is worth. */
  readonly lambda: number;
  readonly quantizer: ColumnQuantizer;
  /** Numbers of less saliency than this are pruned. */
  readonly threshold: number;
  /** `[K, D]` of all groups. */
  readonly levels: Int32Array;
  /** Of each column, that of a trellis at the end of the groups so far. */
  readonly states: Uint8Array;
  readonly saliencies: SaliencyCounts | undefined;
}

export interface GroupOptions {
  readonly group: number;
  /** Of the group. */
  readonly rows: number;
  readonly columns: number;
  readonly damping: number;
  readonly mask: Uint8Array | undefined;
}

/** Factors the inverse of a group's curvature, columns in order of the diagonal. Shares `w` of the workspace with other groups. */
export function groupPlan(
  values: Float32Array,
  curvature: Curvature,
  workspace: FeedbackWorkspace,
  { group, rows, columns, damping, mask }: GroupOptions,
): GroupPlan {
  const { size, width, w } = workspace;
  const factor = workspace.factors[group]!;
  const matrix = curvature.matrix.subarray(group * columns * columns, (group + 1) * columns * columns);
  const importance = curvature.importance.subarray(group * rows, (group + 1) * rows);
  const first = group * rows * columns;
  const diagonal = Float64Array.from({ length: columns }, (_, j) => matrix[j * columns + j]!);
  const mean = diagonal.reduce((sum, value) => sum + value, 0) / (columns || 1);
  const damp = mean > 0 ? damping * mean : 1; // inputs that are always zero: any matrix will do
  const order = Int32Array.from({ length: columns }, (_, j) => j).sort((a, b) => diagonal[b]! - diagonal[a]! || a - b);
  for (let i = 0; i < columns; i++) {
    const from = order[i]! * columns;
    const to = i * size;
    for (let j = 0; j < columns; j++) factor[to + j] = matrix[from + order[j]!]!;
    factor[to + i]! += damp;
  }
  for (let i = columns; i < size; i++) factor[i * size + i] = 1;
  workspace.invert(group);

  let logs = 0;
  for (let i = 0; i < columns; i++) logs -= 2 * Math.log(factor[i * size + i]!);
  const meanImportance = importance.reduce((sum, each) => sum + each, 0) / (rows || 1);
  const scaled = new Float32Array(rows);
  const worth = new Float32Array(rows);
  const kept = new Uint8Array(rows);
  const column = new Int32Array(rows);
  return {
    sensitivity: columns > 0 ? meanImportance * Math.exp(logs / columns) : 0,
    round({ step, lambda, quantizer, threshold, levels, states, saliencies }) {
      turn();
      let divergence = 0;
      for (let i = 0; i < columns; i++) {
        const block = i - (i % BLOCK);
        if (i === block) workspace.feedBlock(group, block);
        workspace.feedColumn(group, block, i);
        const own = factor[i * size + i]!;
        const price = (0.5 * step * step) / (own * own * lambda);
        const at = i * width;
        const from = first + order[i]!;
        for (let k = 0; k < rows; k++) {
          scaled[k] = w[at + k]! / step;
          worth[k] = price * importance[k]!;
        }
        if (mask) for (let k = 0; k < rows; k++) kept[k] = mask[from + k * columns]!;
        if (saliencies) {
          if (!mask) kept.fill(1);
          for (let k = 0; k < rows; k++) {
            const left = w[at + k]! / own;
            const saliency = importance[k]! * left * left;
            if (kept[k] === 0) continue;
            saliencies.add(saliency);
            if (saliency < threshold) kept[k] = 0;
          }
        }
        const limit = mask || saliencies ? kept : undefined;
        states[order[i]!] = quantizer(scaled, worth, limit, column, states[order[i]!]!);
        for (let k = 0; k < rows; k++) {
          const level = column[k]!;
          levels[from + k * columns] = level;
          const left = (w[at + k]! - step * level) / own;
          w[at + k] = left;
          divergence += importance[k]! * left * left;
        }
      }
      return divergence / 2;
    },
  };

  /** w ← the kernel, transposed, its columns in order. Sixteen rows at a time: they stay in a cache and are a line of it in w. */
  function turn(): void {
    for (let k0 = 0; k0 < rows; k0 += 16) {
      const end = Math.min(rows, k0 + 16);
      for (let i = 0; i < columns; i++) {
        const from = first + order[i]!;
        for (let k = k0; k < end; k++) w[i * width + k] = values[from + k * columns]!;
      }
    }
  }
}

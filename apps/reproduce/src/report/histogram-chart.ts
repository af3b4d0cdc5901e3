import * as Plot from '@observablehq/plot';
import type { Histogram } from '../ladder/row.ts';
import { count } from '../numbers.ts';
import { type Html, html } from './html.ts';
import { plot } from './plot.ts';

/** A weight's numbers, and beneath them the values they share: before fine-tuning, and where they moved to. */
export function histogramChart({ weight, low, high, counts, zeros, centroids, tuned }: Histogram): Html {
  const cell = (high - low) / counts.length;
  const cells = counts.map((height, i) => ({ x1: low + i * cell, x2: low + (i + 1) * cell, height }));
  const top = Math.max(...counts, 1);
  const moves = tuned ? centroids.map((from, i) => ({ from, to: tuned[i]! })) : [];
  const drawn = plot(`histogram of ${weight}`, ({ narrow }) => ({
    height: 190,
    marginLeft: 52,
    marginBottom: 32,
    x: { label: null, ticks: narrow ? 5 : 9, domain: [low, high] },
    y: {
      label: 'weights',
      tickSize: 0,
      grid: true,
      ticks: 4,
      domain: [-0.3 * top, top],
      tickFormat: (value: number) => (value < 0 ? '' : value >= 1000 ? `${value / 1000}k` : String(value)),
    },
    marks: [
      Plot.rect(cells, { x1: 'x1', x2: 'x2', y1: () => 0, y2: 'height', fill: 'var(--c8)', fillOpacity: 0.55 }),
      Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
      Plot.ruleX(centroids, {
        x: (value: number) => value,
        y1: () => -0.02 * top,
        y2: () => -0.12 * top,
        stroke: 'var(--c1)',
      }),
      Plot.link(moves, {
        x1: 'from',
        x2: 'to',
        y1: () => -0.12 * top,
        y2: () => -0.2 * top,
        stroke: 'var(--c8)',
        strokeOpacity: 0.6,
      }),
      ...(tuned
        ? [
            Plot.ruleX(tuned, {
              x: (value: number) => value,
              y1: () => -0.2 * top,
              y2: () => -0.3 * top,
              stroke: 'var(--c5)',
            }),
          ]
        : []),
    ],
  }));
  return html`<h3>${weight} <span class="soft">${zeros > 0 ? `${count(zeros)} zeros not drawn` : ''}</span></h3>${drawn}`;
}

/** What the marks of histograms mean. */
export const histogramKey: Html = html`<ul class="key"><li><i style="background:var(--c8)"></i>weights</li><li><i style="background:var(--c1)"></i>shared values before fine-tuning</li><li><i style="background:var(--c5)"></i>after</li></ul>`;

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { bytesTick, logTicks } from '../numbers.ts';
import { type Html, html, trusted } from './html.ts';

/** Widths at which every plot is drawn, in pixels: a page shows the one that fits, so that letters stay readable on a phone. */
const WIDTHS = { wide: 960, narrow: 350 } as const;

export interface PlotWidth {
  readonly width: number;
  readonly narrow: boolean;
}

/**
 * Draws a plot for wide and for narrow pages. Colours come from the page's style, so that light and dark are one drawing.
 *
 * @param describe - what the plot shows, for those who cannot see it
 */
export function plot(describe: string, options: (width: PlotWidth) => Plot.PlotOptions): Html {
  const drawn = (kind: keyof typeof WIDTHS): Html => {
    const { document } = parseHTML('<html><body></body></html>');
    const width = WIDTHS[kind];
    const svg = Plot.plot({
      document: document as unknown as Document, // a border: linkedom's documents are good enough to draw with
      width,
      style: { fontSize: '12px', background: 'none', overflow: 'visible' },
      ...options({ width, narrow: kind === 'narrow' }),
    });
    return trusted(svg.outerHTML.replace('<svg ', '<svg role="img" '));
  };
  return html`<figure aria-label="${describe}"><div class="wide">${drawn('wide')}</div><div class="narrow">${drawn('narrow')}</div></figure>`;
}

/** The page's colours for things side by side, in an order that keeps neighbours apart for those who see colours differently. */
export const COLOURS: readonly string[] = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `var(--c${n})`);

/**
 * The axis of bytes on a logarithmic scale, with its grid. Explicit, since an axis that a logarithmic scale makes for itself leaves
 * labels out.
 */
export const bytesAxis = (sizes: readonly number[], narrow: boolean, label: string | null): Plot.Markish[] => {
  const ticks = logTicks(Math.min(...sizes), Math.max(...sizes), narrow ? 4 : 9);
  return [
    Plot.gridX(ticks, { x: (tick: number) => tick }),
    Plot.axisX(ticks, { x: (tick: number) => tick, text: bytesTick, label, labelOffset: 42 }),
  ];
};

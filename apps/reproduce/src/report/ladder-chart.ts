import * as Plot from '@observablehq/plot';
import { bytesText } from '../numbers.ts';
import type { Html } from './html.ts';
import { bytesAxis, plot } from './plot.ts';

export interface Rung {
  readonly title: string;
  /** Bytes, null where they are not known. */
  readonly published: number | null;
  readonly measured: number | null;
  /** How the measured size is to be taken. */
  readonly kind: 'computed' | 'carried' | 'generated';
}

const COLOUR_OF = { computed: 'var(--c1)', carried: 'var(--c6)', generated: 'var(--c5)' } as const;

/** Sizes from AlexNet downwards, on a logarithmic scale: rings are published, discs are ours. */
export function ladderChart(rungs: readonly Rung[]): Html {
  const known = rungs.filter(({ published, measured }) => published !== null || measured !== null);
  return plot('sizes of networks, published and measured, on a logarithmic scale', ({ width, narrow }) => ({
    height: 56 + known.length * (narrow ? 44 : 28),
    marginLeft: narrow ? 8 : 300,
    marginRight: 64,
    marginTop: narrow ? 30 : 16,
    marginBottom: 30,
    insetBottom: 10,
    x: { type: 'log', domain: domainOf(known) },
    y: { axis: null, domain: known.map(({ title }) => title), padding: 0 },
    marks: [
      ...bytesAxis(domainOf(known), narrow, null),
      ...(narrow
        ? [
            Plot.text(known, {
              y: 'title',
              text: 'title',
              frameAnchor: 'left',
              textAnchor: 'start',
              dy: -12,
              fill: 'currentColor',
            }),
          ]
        : [Plot.axisY({ tickSize: 0, label: null, textAnchor: 'end', lineWidth: 26 })]),
      Plot.ruleY(
        known.filter(({ published, measured }) => published !== null && measured !== null),
        {
          y: 'title',
          x1: 'published',
          x2: 'measured',
          stroke: 'currentColor',
          strokeOpacity: 0.35,
          dy: narrow ? 6 : 0,
        } as Plot.RuleYOptions,
      ),
      Plot.dot(
        known.filter(({ published }) => published !== null),
        {
          x: 'published',
          y: 'title',
          r: 5,
          stroke: 'currentColor',
          fill: 'var(--page)',
          dy: narrow ? 6 : 0,
          title: ({ title, published }: Rung) => `${title}: published ${bytesText(published!)}`,
        },
      ),
      Plot.dot(
        known.filter(({ measured }) => measured !== null),
        {
          x: 'measured',
          y: 'title',
          r: 5,
          fill: ({ kind }: Rung) => COLOUR_OF[kind],
          dy: narrow ? 6 : 0,
          title: ({ title, measured, kind }: Rung) => `${title}: ${bytesText(measured!)} (${kind})`,
        },
      ),
      Plot.text(known, {
        x: ({ published, measured }: Rung) => Math.max(published ?? 0, measured ?? 0),
        y: 'title',
        text: ({ published, measured }: Rung) => bytesText(measured ?? published!),
        textAnchor: 'start',
        dx: 10,
        dy: narrow ? 6 : 0,
      }),
    ],
    color: { type: 'identity' },
    width,
  }));
}

function domainOf(rungs: readonly Rung[]): [number, number] {
  const sizes = rungs.flatMap(({ published, measured }) => [published, measured].filter((size) => size !== null));
  return [Math.min(...sizes) * 0.7, Math.max(...sizes) * 1.1];
}

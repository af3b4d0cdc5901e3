import * as Plot from '@observablehq/plot';
import { bytesText, bytesTick } from '../numbers.ts';
import { type Html, html } from './html.ts';
import { COLOURS, plot } from './plot.ts';

export interface StageBytes {
  readonly stage: string;
  readonly bytes: number;
}

/** The waterfall: what is left of the bytes after each stage, and in pale what the stage took away. */
export function stagesChart(stages: readonly StageBytes[]): Html {
  const steps = stages.map(({ stage, bytes }, i) => ({
    stage: `${i + 1}. ${stage}`,
    bytes,
    before: stages[i - 1]?.bytes ?? bytes,
  }));
  return plot('bytes after each stage', ({ narrow }) => ({
    height: 36 + steps.length * (narrow ? 46 : 32),
    marginLeft: narrow ? 8 : 300,
    marginRight: 76,
    x: { label: null, axis: null, domain: [0, Math.max(...steps.map(({ bytes }) => bytes))] },
    y: { axis: null, domain: steps.map(({ stage }) => stage), padding: narrow ? 0.5 : 0.25 },
    marks: [
      ...(narrow
        ? [
            Plot.text(steps, {
              y: 'stage',
              text: 'stage',
              frameAnchor: 'left',
              textAnchor: 'start',
              dy: -20,
              fill: 'currentColor',
            }),
          ]
        : [Plot.axisY({ tickSize: 0, label: null, lineWidth: 26 })]),
      Plot.barX(steps, { y: 'stage', x1: 'bytes', x2: 'before', fill: 'var(--c8)', fillOpacity: 0.22 }),
      Plot.barX(steps, { y: 'stage', x: 'bytes', fill: 'var(--c1)' }),
      Plot.text(steps, {
        y: 'stage',
        x: ({ bytes, before }) => Math.max(bytes, before),
        text: ({ bytes }) => bytesText(bytes),
        textAnchor: 'start',
        dx: 6,
      }),
    ],
  }));
}

export interface LayerPart {
  readonly name: string;
  readonly bytes: number;
  readonly streams: Readonly<Record<string, number>>;
}

/** Where the bytes of a file are: layer by layer, by what they say. Vectors are one bar. */
export function layersChart(layers: readonly LayerPart[]): Html {
  const shown = [...layers.filter(({ name }) => !isVector(name)), ...vectorsOf(layers)];
  const parts = shown.flatMap(({ name, streams }) =>
    Object.entries(streams).map(([stream, bytes]) => ({ layer: name.replace(/\/kernel$/, ''), stream, bytes })),
  );
  const totals = new Map<string, number>();
  for (const { stream, bytes } of parts) totals.set(stream, (totals.get(stream) ?? 0) + bytes);
  const order = [...totals].sort((a, b) => b[1] - a[1]).map(([stream]) => stream);
  const groups = order.slice(0, COLOURS.length - 1);
  const grouped = parts.map((part) => ({ ...part, group: groups.includes(part.stream) ? part.stream : 'other' }));
  const domain = [...groups, ...(order.length > groups.length ? ['other'] : [])];
  const drawn = plot('bytes of each layer by stream', ({ narrow }) => ({
    height: 36 + shown.length * 21,
    marginLeft: narrow ? 118 : 150,
    marginRight: 60,
    x: {
      label: null,
      grid: true,
      ticks: narrow ? 3 : 6,
      tickFormat: bytesTick,
    },
    y: { label: null, domain: shown.map(({ name }) => name.replace(/\/kernel$/, '')), tickSize: 0, padding: 0.2 },
    color: { domain, range: COLOURS.slice(0, domain.length) },
    marks: [
      Plot.barX(
        grouped,
        Plot.stackX({
          y: 'layer',
          x: 'bytes',
          fill: 'group',
          order: domain,
          title: ({ layer, stream, bytes }: { layer: string; stream: string; bytes: number }) =>
            `${layer}, ${stream}: ${bytesText(bytes)}`,
        }),
      ),
      Plot.text(shown, {
        x: 'bytes',
        y: ({ name }: LayerPart) => name.replace(/\/kernel$/, ''),
        text: ({ bytes }: LayerPart) => bytesText(bytes),
        textAnchor: 'start',
        dx: 4,
        fill: 'var(--soft)',
      }),
    ],
  }));
  return html`<ul class="key">${domain.map((name, i) => html`<li><i style="background:${COLOURS[i]!}"></i>${name}</li>`)}</ul>${drawn}`;
}

const isVector = (name: string): boolean => name.endsWith('/bias');

function vectorsOf(layers: readonly LayerPart[]): readonly LayerPart[] {
  const vectors = layers.filter(({ name }) => isVector(name));
  const bytes = vectors.reduce((sum, vector) => sum + vector.bytes, 0);
  return bytes > 0 ? [{ name: 'all biases', bytes, streams: { biases: bytes } }] : [];
}

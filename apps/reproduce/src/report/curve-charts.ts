import * as Plot from '@observablehq/plot';
import type { Sensitivity } from '../ladder/row.ts';
import { bytesText, percent } from '../numbers.ts';
import { type Html, html } from './html.ts';
import { bytesAxis, COLOURS, plot } from './plot.ts';

/** Something tried: how large the file, how the answers. */
export interface CurvePoint {
  readonly method: string;
  readonly bytes: number;
  readonly agreement?: number;
  readonly divergence?: number;
  readonly top1: number | null;
}

/** A curve of share against bytes, a line a method. */
export function sizeChart(points: readonly CurvePoint[], of: 'agreement' | 'top1', dense?: number): Html {
  const known = points.filter((point) => typeof point[of] === 'number').sort((a, b) => a.bytes - b.bytes);
  const methods = [...new Set(known.map(({ method }) => method))];
  const label = of === 'agreement' ? 'same answers as the original' : 'top-1';
  const drawn = plot(`${label} against bytes`, ({ narrow }) => ({
    height: narrow ? 280 : 380,
    marginLeft: 48,
    marginRight: 16,
    marginBottom: 46,
    x: { type: 'log', inset: 12 },
    y: { label, grid: true, tickFormat: (value: number) => `${Number((100 * value).toFixed(2))} %`, nice: true },
    color: { domain: methods, range: COLOURS.slice(0, methods.length) },
    marks: [
      ...bytesAxis(
        known.map(({ bytes }) => bytes),
        narrow,
        'bytes of the whole file',
      ),
      ...(of === 'top1' && dense !== undefined
        ? [Plot.ruleY([dense], { stroke: 'currentColor', strokeDasharray: '4 4' })]
        : []),
      Plot.line(known, { x: 'bytes', y: of, z: 'method', stroke: 'method', strokeWidth: 1.5, strokeOpacity: 0.6 }),
      Plot.dot(known, {
        x: 'bytes',
        y: of,
        fill: 'method',
        r: 4,
        title: (point: CurvePoint) =>
          `${point.method}: ${bytesText(point.bytes)}, ${percent(point[of]!)}${point.divergence === undefined ? '' : `, KL ${point.divergence.toFixed(4)} nats`}`,
      }),
    ],
  }));
  return html`<ul class="key">${methods.map((name, i) => html`<li><i style="background:${COLOURS[i % COLOURS.length]!}"></i>${name}</li>`)}</ul>${drawn}`;
}

export interface FinalPoint {
  readonly title: string;
  readonly bytes: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly ours: boolean;
}

/** Points of top-1 lost against bytes, with 95 % intervals: final files, on the images that judge. */
export const dropChart = (finals: readonly FinalPoint[]): Html =>
  plot('points of top-1 lost against bytes, with intervals', ({ narrow }) => ({
    height: narrow ? 280 : 360,
    marginLeft: 48,
    marginRight: 20,
    marginBottom: 46,
    x: { type: 'log', inset: 12 },
    y: {
      label: 'points of top-1 lost',
      grid: true,
      reverse: true,
      transform: (share: number) => 100 * share,
      nice: true,
    },
    marks: [
      ...bytesAxis(
        finals.map(({ bytes }) => bytes),
        narrow,
        'bytes of the whole file',
      ),
      Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.5 }),
      Plot.ruleX(finals, {
        x: 'bytes',
        y1: 'low',
        y2: 'high',
        stroke: ({ ours }: FinalPoint) => (ours ? 'var(--c1)' : 'var(--c8)'),
        strokeWidth: 1.5,
      }),
      Plot.dot(finals, {
        x: 'bytes',
        y: 'value',
        r: 5,
        fill: ({ ours }: FinalPoint) => (ours ? 'var(--c1)' : 'var(--c8)'),
        title: ({ title, bytes, value, low, high }: FinalPoint) =>
          `${title}: ${bytesText(bytes)}, ${(100 * value).toFixed(1)} points (${(100 * low).toFixed(1)} … ${(100 * high).toFixed(1)})`,
      }),
    ],
    color: { type: 'identity' },
  }));

/** What it costs to compress one weight alone: divergence against its bits, a line a weight. */
export function sensitivityChart(curves: readonly Sensitivity[]): Html {
  const short = (weight: string): string => weight.replace(/\/kernel$/, '');
  const points = curves.flatMap(({ weight, points }) => points.map((point) => ({ weight: short(weight), ...point })));
  const seen = points.filter(({ divergence }) => divergence > 0);
  return plot('divergence against bits of one weight alone', ({ narrow }) => ({
    height: narrow ? 320 : 400,
    marginLeft: 52,
    marginRight: narrow ? 16 : 130,
    marginBottom: 46,
    x: { label: 'bits a weight of this layer', labelOffset: 42, grid: true, nice: true },
    y: { type: 'log', label: 'KL, nats', grid: true, ticks: 5, tickFormat: (value: number) => String(value) },
    color: {
      type: 'ordinal',
      domain: curves.map(({ weight }) => short(weight)),
      range: curves.map((_, i) => COLOURS[i % COLOURS.length]!),
    },
    marks: [
      Plot.line(seen, {
        x: 'bits',
        y: 'divergence',
        z: 'weight',
        stroke: 'weight',
        strokeWidth: 1.3,
        strokeOpacity: 0.8,
      }),
      Plot.dot(seen, {
        x: 'bits',
        y: 'divergence',
        fill: 'weight',
        r: 2.5,
        title: ({ weight, bits, divergence }) =>
          `${weight}: ${bits.toFixed(1)} bits, ${divergence.toExponential(1)} nats`,
      }),
      ...(narrow
        ? []
        : [
            Plot.text(labelled(seen), {
              x: 'bits',
              y: 'divergence',
              text: 'weight',
              textAnchor: 'start',
              dx: 6,
              fontSize: 11,
            }),
          ]),
    ],
  }));
}

/** The last point of each of the costliest curves: names that fit beside them. */
function labelled<T extends { readonly weight: string; readonly bits: number; readonly divergence: number }>(
  points: readonly T[],
): T[] {
  const last = new Map<string, T>();
  for (const point of points) {
    const known = last.get(point.weight);
    if (!known || point.bits > known.bits) last.set(point.weight, point);
  }
  const kept: T[] = [];
  for (const point of [...last.values()].sort((a, b) => b.divergence - a.divergence)) {
    // On a logarithmic scale names need about a fifth of a decade each.
    if (kept.every((other) => Math.abs(Math.log10(other.divergence / point.divergence)) > 0.2)) kept.push(point);
  }
  return kept;
}

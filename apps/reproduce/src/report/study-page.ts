import * as Plot from '@observablehq/plot';
import { duration } from '../display.ts';
import { boundText, cellText, valueText } from '../study/describe-study.ts';
import type { StudyResult } from '../study/run-study.ts';
import type { Chart, Study, Table } from '../study/study.ts';
import { type Html, html } from './html.ts';
import { page, type Section } from './page.ts';
import { COLOURS, plot } from './plot.ts';

/** Draws the report of a study: claims, plots with the published values beside ours, tables, and what explains the differences. */
export function studyPage(study: Study, result: StudyResult): string {
  const { claims, charts, tables, notes, data } = result;
  const met = claims.filter((claim) => claim.met).length;
  const head = html`<p>${study.source}</p>
${data.source === 'generated' ? html`<p class="notice"><b>Nothing here is a result.</b> GENERATED DATA: ${data.note}.</p>` : ''}
<ul class="cards"><li><b>${met} of ${claims.length}</b><span>claims met</span></li></ul>`;
  const sections: Section[] = [
    {
      title: 'Claims',
      lead: 'What was published, what we hold ourselves to, and what came.',
      body: claimsTable(result),
    },
    ...charts.map((chart) => ({ title: chart.title, lead: leadOf(chart), body: drawn(chart) })),
    ...tables.map((table) => ({ title: table.title, lead: table.note ?? '', body: tableOf(table) })),
    {
      title: 'Why they differ',
      lead: 'And what the numbers rest on.',
      body: html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`,
    },
    origin(result),
  ];
  return page(study.title, head, sections);
}

const claimsTable = ({ claims }: StudyResult): Html =>
  html`<div class="scroll"><table><thead><tr><th>claim</th><th>published</th><th>bound</th><th>measured</th><th>met</th></tr></thead><tbody>${claims.map(
    (
      claim,
    ) => html`<tr><td>${claim.what}<small>${claim.source}</small></td><td>${valueText(claim.published, claim.unit)}</td><td>${boundText(claim)}</td><td>${valueText(claim.measured, claim.unit)}</td>
<td class="${claim.met === null ? '' : claim.met ? 'ok' : 'bad'}">${claim.met === null ? '–' : claim.met ? 'yes' : 'NO'}</td></tr>`,
  )}</tbody></table></div>`;

const tableOf = ({ columns, rows }: Table): Html =>
  html`<div class="scroll"><table><thead><tr>${columns.map((column) => html`<th>${column}</th>`)}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map((cell) => html`<td>${cellText(cell)}</td>`)}</tr>`,
  )}</tbody></table></div>`;

function leadOf(chart: Chart): string {
  if (chart.kind === 'beside') return `Rings are published, discs are ours; ${chart.unit}, on a logarithmic scale.`;
  return chart.kind === 'stack' ? `${chart.unit}, by what it is spent for.` : `${chart.y} over ${chart.x}.`;
}

function drawn(chart: Chart): Html {
  if (chart.kind === 'lines') return linesChart(chart);
  return chart.kind === 'beside' ? besideChart(chart) : stackChart(chart);
}

const key = (names: readonly string[]): Html =>
  html`<ul class="key">${names.map((name, i) => html`<li><i style="background:${COLOURS[i % COLOURS.length]!}"></i>${name}</li>`)}</ul>`;

function linesChart({ title, x, y, series }: Chart & { kind: 'lines' }): Html {
  const points = series.flatMap(({ name, points: each }, i) =>
    each.map(([at, value]) => ({ name, at, value, colour: COLOURS[i % COLOURS.length]!, dash: i >= COLOURS.length })),
  );
  const places = [...new Set(points.map(({ at }) => at))];
  const doublings = places.every((at) => Number.isInteger(Math.log2(at)));
  const ticks = doublings ? { ticks: places, tickFormat: String } : { ticks: 5, tickFormat: cellText };
  const figure = plot(title, ({ width, narrow }) => ({
    height: narrow ? 300 : 400,
    marginBottom: 44,
    x: {
      type: 'log',
      base: 2,
      label: x,
      ...(narrow && doublings ? { ticks: places.filter((_, i) => i % 2 === 0), tickFormat: String } : ticks),
    },
    y: { label: y, grid: true, zero: true },
    color: { type: 'identity' },
    marks: [
      Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.3 }),
      ...[false, true].map((dash) =>
        Plot.line(
          points.filter((point) => point.dash === dash),
          { x: 'at', y: 'value', z: 'name', stroke: 'colour', ...(dash && { strokeDasharray: '4 3' }) },
        ),
      ),
      Plot.dot(points, {
        x: 'at',
        y: 'value',
        fill: 'colour',
        r: 3,
        title: (point: (typeof points)[number]) => `${point.name}, ${point.at}: ${cellText(point.value)}`,
      }),
    ],
    width,
  }));
  return html`${key(series.map(({ name }, i) => (i < COLOURS.length ? name : `${name} (dashed)`)))}${figure}`;
}

function besideChart({ title, unit, rows }: Chart & { kind: 'beside' }): Html {
  const both = rows.filter(({ published }) => published !== null);
  return plot(title, ({ width, narrow }) => ({
    height: 50 + rows.length * 24,
    marginLeft: narrow ? 110 : 200,
    marginRight: 60,
    marginBottom: 34,
    x: {
      type: 'log',
      grid: true,
      label: unit,
      ...(narrow && { ticks: 3 }),
      tickFormat: (tick: number) => cellText(tick),
    },
    y: { domain: rows.map(({ name }) => name), label: null, tickSize: 0 },
    marks: [
      Plot.ruleY(both, { y: 'name', x1: 'published', x2: 'measured', stroke: 'currentColor', strokeOpacity: 0.35 }),
      Plot.dot(both, {
        x: 'published',
        y: 'name',
        r: 5,
        stroke: 'currentColor',
        fill: 'var(--page)',
        title: (row: (typeof rows)[number]) => `published ${cellText(row.published)}`,
      }),
      Plot.dot(rows, {
        x: 'measured',
        y: 'name',
        r: 4,
        fill: 'var(--c1)',
        title: (row: (typeof rows)[number]) => `ours ${cellText(row.measured)}`,
      }),
    ],
    width,
  }));
}

function stackChart({ title, unit, rows }: Chart & { kind: 'stack' }): Html {
  const kinds = [...new Set(rows.flatMap(({ parts }) => Object.keys(parts)))];
  const parts = rows.flatMap(({ name, parts: each }) =>
    kinds.map((kind, i) => ({ name, kind, value: each[kind] ?? 0, colour: COLOURS[i % COLOURS.length]! })),
  );
  const figure = plot(title, ({ width, narrow }) => ({
    height: 50 + rows.length * 26,
    marginLeft: narrow ? 120 : 240,
    marginBottom: 34,
    x: { label: unit, grid: true, ...(narrow && { ticks: 4 }) },
    y: { domain: rows.map(({ name }) => name), label: null, tickSize: 0 },
    color: { type: 'identity' },
    marks: [
      Plot.barX(parts, {
        x: 'value',
        y: 'name',
        fill: 'colour',
        title: (part: (typeof parts)[number]) => `${part.kind}: ${cellText(part.value)}`,
      }),
    ],
    width,
  }));
  return html`${key(kinds)}${figure}`;
}

const origin = ({ data, mode, seed, seconds, versions }: StudyResult): Section => ({
  title: 'Where this comes from',
  lead: `${data.note}. A ${mode} run, seed ${seed}, ${duration(seconds)}.`,
  body: html`<details><summary>Versions and checksums</summary><div class="scroll"><table><tbody>${[...Object.entries(versions), ...Object.entries(data.sha256)].map(([name, value]) => html`<tr><td>${name}</td><td><code>${value}</code></td></tr>`)}</tbody></table></div></details>`,
});

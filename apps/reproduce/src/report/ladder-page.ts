import { duration } from '../display.ts';
import type { Statistics } from '../judgement/statistics.ts';
import { ratioOf, stateOf, verdict } from '../ladder/describe-ladder.ts';
import type { Ladder } from '../ladder/ladder.ts';
import type { LadderResult, RowResult } from '../ladder/ladder-result.ts';
import { pointOf } from '../ladder/point.ts';
import { ALEXNET_BYTES, PUBLISHED_SOURCE } from '../ladder/published.ts';
import type { Row } from '../ladder/row.ts';
import { bytesText, count, percent, points } from '../numbers.ts';
import { layersChart, stagesChart } from './bytes-charts.ts';
import { type CurvePoint, dropChart, type FinalPoint, sensitivityChart, sizeChart } from './curve-charts.ts';
import { histogramChart, histogramKey } from './histogram-chart.ts';
import { type Html, html } from './html.ts';
import { ladderChart } from './ladder-chart.ts';
import { OUTCOME_SCRIPT, outcomeCells } from './outcomes.ts';
import { page, type Section } from './page.ts';

/** A row with what became of it. */
interface Shown {
  readonly row: Row;
  readonly made: RowResult;
}

/**
 * Draws a ladder's report. What there is no data for is left out.
 *
 * @param titles - what each judging image shows, in the order of the outcomes
 */
export function ladderPage(ladder: Ladder, result: LadderResult, titles: readonly string[]): string {
  const shown = ladder.rows.flatMap((row) => {
    const made = result.rows.find(({ id }) => id === row.id);
    return made ? [{ row, made }] : [];
  });
  const sections = [
    ladderSection(ladder, result),
    rowsSection(shown),
    bytesSection(shown),
    sensitivitySection(shown),
    curveSection(shown),
    histogramSection(shown),
    tablesSection(shown),
    outcomeSection(shown, titles),
    besideSection(result),
    originSection(ladder, result),
  ].filter((section) => section !== undefined);
  return page(ladder.title, headOf(shown, result), sections, OUTCOME_SCRIPT);
}

function headOf(shown: readonly Shown[], { data, rows }: LadderResult): Html {
  const computed = rows.filter(({ state }) => state === 'computed').length;
  const carried = rows.length - computed;
  const generated = rows.filter(({ weights }) => weights === 'generated').length;
  return html`<p>Every number is of a whole file, decoded and asked, unless its row says that bytes were counted. The ratio is AlexNet's ${count(ALEXNET_BYTES)} bytes as float32 over the file's.</p>
${
  data.source === 'generated'
    ? html`<p class="notice"><b>What is computed here is no result.</b> ${data.note}. Sizes are of generated weights; no accuracy can be measured.</p>`
    : ''
}
<ul class="cards">${cardsOf(shown)}</ul>
<p class="soft">${computed} rows were computed by this run${carried > 0 ? `, ${carried} carried from results committed before` : ''}; rows of generated weights: ${generated}. Data: ${data.note}.</p>`;
}

/** The four smallest files of real weights, and what they cost. */
function cardsOf(shown: readonly Shown[]): Html[] {
  const real = shown.filter(
    ({ row, made }) => made.weights === 'real' && row.group !== 'free' && made.judgement?.accuracy,
  );
  const small = real.filter(({ made }) => made.ratio > 100).sort((a, b) => a.made.bytes - b.made.bytes);
  return small.slice(0, 4).map(({ row, made }) => {
    const { drop } = made.judgement!.accuracy!;
    return html`<li><b>${made.ratio.toFixed(0)}x</b><span>${bytesText(made.bytes)} · ${row.title}</span><span>${points(drop.value)} points of top-1 lost (${points(drop.low)} … ${points(drop.high)})</span></li>`;
  });
}

const MB = 2 ** 20;

function ladderSection(ladder: Ladder, { rows }: LadderResult): Section | undefined {
  const rungs = ladder.rows.flatMap((row) => {
    const made = rows.find(({ id }) => id === row.id);
    if (row.group === 'free' || (!made && !row.published)) return [];
    if (made?.mode === 'smoke' && made.weights !== 'none') return []; // small networks have no place beside AlexNet
    const kind = made?.weights === 'generated' ? 'generated' : (made?.state ?? 'computed');
    const measured = made?.bytes ?? null;
    return [
      { title: row.title, published: row.published ? row.published.compressedMb * MB : null, measured, kind } as const,
    ];
  });
  if (rungs.length === 0) return undefined;
  const key = html`<ul class="key"><li><i style="border:1px solid currentColor;border-radius:50%"></i>published</li><li><i style="background:var(--c1);border-radius:50%"></i>computed now</li><li><i style="background:var(--c6);border-radius:50%"></i>carried</li><li><i style="background:var(--c5);border-radius:50%"></i>generated weights</li></ul>`;
  return {
    title: 'The ladder',
    lead: 'Bytes on a logarithmic scale, from AlexNet down. Published megabytes are taken as 2^20 bytes.',
    body: html`${key}${ladderChart(rungs)}`,
  };
}

function rowsSection(shown: readonly Shown[]): Section {
  const line = ({ row, made }: Shown): Html => {
    const { published } = row;
    return html`<tr><td>${row.title}<small>${made.note}</small>${boundsOf(row, made)}</td>
<td>${published ? html`${published.compressedMb} MB<small>${published.ratio}x</small>` : ''}</td>
<td>${published ? html`${published.top1.toFixed(1)}<small>${published.top5.toFixed(1)}</small>` : ''}</td>
<td>${count(made.bytes)}<small>${ratioOf(made)}</small></td>
${accuracyCells(row, made.judgement)}
<td><span class="tag ${made.weights === 'generated' ? 'generated' : made.state}">${stateOf(made)}</span><small>${made.judged > 0 ? `judged ${made.judged === 1 ? 'once' : `${made.judged} times`}` : ''}</small></td></tr>`;
  };
  return {
    title: 'Row by row',
    lead: "Published accuracies are on ImageNet's 50,000 validation images, ours on 700 photographs outside ImageNet: differences compare, levels do not. Points lost are against the network a row was made from, paired image by image, with the 95 % interval.",
    body: html`<div class="scroll"><table><thead><tr><th>row</th><th>published<small>ratio</small></th><th>top-1 %<small>top-5 %</small></th><th>our bytes<small>ratio</small></th><th>top-1 %<small>top-5 %</small></th><th>points lost<small>95 % interval</small></th><th>same answers<small>KL, nats</small></th><th>from</th></tr></thead><tbody>${shown.map(line)}</tbody></table></div>`,
  };
}

function accuracyCells(row: Row, judgement: Statistics | null): Html {
  if (!judgement) return html`<td colspan="3">${row.against ? 'not judged' : 'no real weights'}</td>`;
  const { accuracy, agreement, divergence } = judgement;
  const close = html`<td>${percent(agreement)}<small>${divergence.toFixed(4)}</small></td>`;
  if (!accuracy) return html`<td colspan="2">no real weights</td>${close}`;
  const { top1, top5, drop } = accuracy;
  return html`<td>${(100 * top1).toFixed(1)}<small>${(100 * top5).toFixed(1)}</small></td><td>${points(drop.value)}<small>${points(drop.low)} … ${points(drop.high)}</small></td>${close}`;
}

const boundsOf = (row: Row, made: RowResult): Html[] =>
  (row.bounds ?? []).map((bound) => {
    const said = verdict(bound, made);
    const limit =
      bound.what === 'bytes'
        ? bytesText(bound.atMost)
        : bound.what === 'seconds'
          ? duration(bound.atMost)
          : points(bound.atMost);
    return html`<small>${bound.what} ≤ ${limit}: <span class="${said === 'NO' ? 'bad' : said === '–' ? '' : 'ok'}">${said}</span></small>`;
  });

function bytesSection(shown: readonly Shown[]): Section | undefined {
  const parts = shown
    .filter(({ made }) => made.details.stages || made.details.layers)
    .map(({ row, made }, i) => {
      const { stages, layers } = made.details;
      return html`<details${i === 0 ? html` open` : ''}><summary>${row.title}: ${bytesText(made.bytes)}</summary>${stages && stages.length > 1 ? html`<h3>By stage</h3>${stagesChart(stages)}` : ''}${layers ? html`<h3>By layer</h3>${layersChart(layers)}` : ''}</details>`;
    });
  if (parts.length === 0) return undefined;
  return {
    title: 'Where the bytes go',
    lead: 'What each stage leaves, and what the bytes of the final file say, layer by layer.',
    body: html`${parts}`,
  };
}

function sensitivitySection(shown: readonly Shown[]): Section | undefined {
  const parts = shown.flatMap(({ row, made: { details } }) =>
    details.sensitivity?.length ? [html`<h3>${row.title}</h3>${sensitivityChart(details.sensitivity)}`] : [],
  );
  if (parts.length === 0) return undefined;
  return {
    title: 'What each layer bears',
    lead: 'One weight compressed alone, all others as they are: how far the answers move on held-back images, against the bits it gets.',
    body: html`${parts}`,
  };
}

function curveSection(shown: readonly Shown[]): Section | undefined {
  const networks = [...new Set(shown.flatMap(({ made }) => made.against ?? []))];
  const parts = networks.flatMap((against) => {
    const rows = shown.filter(({ made }) => made.against === against && made.mode !== 'smoke');
    const tried = rows.flatMap(({ row, made }) => [...(made.details.points ?? []), ...heldBackPoint(row, made)]);
    const finals = rows.flatMap(finalPoint);
    const title = shown.find(({ made }) => made.against === against)!.row.architecture;
    if (tried.length < 2 && finals.length < 2) return [];
    const dense = rows.find(({ made }) => made.heldBack?.accuracy)?.made.heldBack?.accuracy?.original.top1;
    return [
      html`<h3>${title} (${against})</h3>`,
      tried.length > 1
        ? html`<p class="soft">Everything tried, on the held-back fifth (${rows[0]?.made.heldBack?.count ?? ''} images).</p>${sizeChart(tried, 'agreement')}`
        : '',
      tried.some(({ top1 }) => top1 !== null) ? sizeChart(tried, 'top1', dense) : '',
      finals.length > 1
        ? html`<p class="soft">Final files on the images that judge; blue: ours, grey: what everyone has for free.</p>${dropChart(finals)}`
        : '',
    ];
  });
  if (parts.length === 0) return undefined;
  return {
    title: 'Accuracy against size',
    lead: 'The share of equal answers tells files apart that top-1 on a few hundred images cannot: both are shown.',
    body: html`${parts}`,
  };
}

/** What a final row shows on the held-back fifth, beside what was tried on the way. */
function heldBackPoint({ group, title, architecture }: Row, { bytes, heldBack, ratio }: RowResult): CurvePoint[] {
  if (!heldBack || ratio < 60) return []; // dense networks would stretch the scale
  const method =
    group === 'free'
      ? 'affine integers + brotli −11'
      : title.replace(`${architecture}, `, '').replace(/ to \d+ kB$/, '');
  return [pointOf(method, bytes, heldBack)];
}

function finalPoint({ row, made: { bytes, judgement, ratio } }: Shown): FinalPoint[] {
  const drop = judgement?.accuracy?.drop;
  return drop && ratio >= 60 ? [{ title: row.title, bytes, ...drop, ours: row.group !== 'free' }] : [];
}

function histogramSection(shown: readonly Shown[]): Section | undefined {
  const parts = shown.flatMap(({ row, made: { details } }) =>
    details.histograms?.length
      ? [
          html`<details><summary>${row.title}: ${details.histograms.length === 1 ? 'one layer' : `${details.histograms.length} layers`}</summary>${details.histograms.map(histogramChart)}</details>`,
        ]
      : [],
  );
  if (parts.length === 0) return undefined;
  return {
    title: 'Weights and the values they share',
    lead: 'Layer by layer; zeros are left out.',
    body: html`${histogramKey}${parts}`,
  };
}

function tablesSection(shown: readonly Shown[]): Section | undefined {
  const parts = shown.flatMap(({ row, made: { details } }) =>
    (details.tables ?? []).map(
      ({ title, head, rows, note, terse }) =>
        html`<details${terse ? html` open` : ''}><summary>${row.title}: ${title}</summary>${note ? html`<p class="soft">${note}</p>` : ''}<div class="scroll"><table><thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}</tr></thead><tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div></details>`,
    ),
  );
  if (parts.length === 0) return undefined;
  return {
    title: 'Tables',
    lead: 'What is best read as numbers. Where there are published ones, they stand in brackets behind ours.',
    body: html`${parts}`,
  };
}

function outcomeSection(shown: readonly Shown[], titles: readonly string[]): Section | undefined {
  const rows = shown.flatMap(({ row, made }) => {
    const outcomes = made.judgement?.accuracy?.outcomes;
    return outcomes && made.judgement!.agreement < 1 ? [{ title: row.title, outcomes }] : [];
  });
  if (rows.length === 0) return undefined;
  return {
    title: 'Image by image',
    lead: 'Each cell is one of the images that judge: whether the original and the compressed network name it rightly.',
    body: outcomeCells(rows, titles),
  };
}

function besideSection({ beside }: LadderResult): Section | undefined {
  if (beside.length === 0) return undefined;
  return {
    title: 'Smaller networks, beside it',
    lead: 'LeNets on MNIST, trained and compressed by recipes of their own; from results committed before. Ratios are of their own float32 size.',
    body: html`<div class="scroll"><table><thead><tr><th>recipe</th><th>bytes</th><th>ratio</th><th>error, dense</th><th>error, file</th><th>from</th></tr></thead><tbody>${beside.map(
      ({ recipe, mode, bytes, ratio, error }) =>
        html`<tr><td>${recipe}</td><td>${count(bytes)}</td><td>${ratio.toFixed(1)}x</td><td>${percent(error.before, 2)}</td><td>${percent(error.after, 2)}</td><td><span class="tag">carried, ${mode}</span></td></tr>`,
    )}</tbody></table></div>`,
  };
}

function originSection(ladder: Ladder, { data, seed, mode, versions, seconds, resumed }: LadderResult): Section {
  return {
    title: 'Where this comes from',
    lead: `Data: ${data.note}. A ${mode} run, seed ${seed}, ${duration(seconds)}${resumed ? ' after going on from finished rows' : ''}.`,
    body: html`<p>Published numbers: ${PUBLISHED_SOURCE}. ${ladder.source}.</p>
<p>Intervals: 95 %, of the difference of two shares on the same images, adjusted Wald (Bonett and Price 2012). Choices were made on a fifth of the calibration images that nothing was learned from; the images that judge were looked at once for each row unless it says otherwise.</p>
<details><summary>Versions and checksums</summary><div class="scroll"><table><tbody>${Object.entries(versions).map(([name, version]) => html`<tr><td>${name}</td><td>${version}</td></tr>`)}${Object.entries(data.sha256).map(([name, hash]) => html`<tr><td>${name}</td><td><code>${hash}</code></td></tr>`)}</tbody></table></div></details>`,
  };
}

import { duration } from '../display.ts';
import { bytesText, count, percent } from '../numbers.ts';
import type { Recipe } from '../recipe.ts';
import type { Result } from '../result.ts';
import { layersChart, stagesChart } from './bytes-charts.ts';
import { sizeChart } from './curve-charts.ts';
import { type Html, html } from './html.ts';
import { page, type Section } from './page.ts';

/** Draws the report of a recipe that trains: claims, bytes by phase and by layer, accuracy against size, densities. */
export function recipePage(recipe: Recipe, result: Result): string {
  const { sizes, accuracy, data, phases } = result;
  const generated = data.source === 'generated';
  const head = html`<p>${recipe.source}. Every number is of a whole file, decoded and asked.</p>
${generated ? html`<p class="notice"><b>Nothing here is a result.</b> GENERATED DATA: ${data.note}.</p>` : ''}
<ul class="cards"><li><b>${sizes.ratio.toFixed(1)}x</b><span>${bytesText(sizes.fileBytes)}, of ${bytesText(sizes.originalBytes)} as float32</span></li>
<li><b>${percent(1 - accuracy.after, 2)}</b><span>error of the file; of the dense network ${percent(1 - accuracy.before, 2)}</span></li>
<li><b>${bytesText(sizes.uint8BrotliBytes)}</b><span>the same weights as uint8 + brotli −11; the dense ones ${bytesText(sizes.denseUint8BrotliBytes)}</span></li></ul>`;
  const sections: Section[] = [
    { title: 'Claims', lead: departuresOf(result), body: claimsTable(result) },
    {
      title: 'Where the bytes go',
      lead: 'The file after each phase, and what the bytes of the final one say.',
      body: html`<h3>By phase</h3>${stagesChart([{ stage: 'float32', bytes: sizes.originalBytes }, ...phases.map(({ phase, fileBytes }) => ({ stage: `${phase}, in our file`, bytes: fileBytes }))])}
<h3>By layer</h3>${layersChart(sizes.parts.map(({ name, bytes, bytesByStream }) => ({ name, bytes, streams: bytesByStream })))}`,
    },
    { title: 'Layers', lead: 'What is left of each weight.', body: layersTable(result) },
  ];
  if (phases.length > 1) {
    sections.splice(2, 0, {
      title: 'Accuracy against size',
      lead: 'Of the file after each phase, on training digits that were held back.',
      body: sizeChart(
        phases.map(({ phase, fileBytes, validationError }) => ({
          method: phase,
          bytes: fileBytes,
          top1: 1 - validationError,
        })),
        'top1',
        1 - phases[0]!.validationError,
      ),
    });
  }
  sections.push(originSection(result));
  return page(`${recipe.title}: ${sizes.ratio.toFixed(1)}x`, head, sections);
}

const departuresOf = ({ departures }: Result): string =>
  departures.length > 0
    ? `Departs from what it reproduces: ${departures.join('; ')}.`
    : 'What was published, what we hold ourselves to, and what came.';

function claimsTable({ claims }: Result): Html {
  const value = (what: string, number: number | null): string =>
    number === null ? '–' : what === 'top-1 error' ? percent(number, 2) : `${number.toFixed(1)}x`;
  return html`<div class="scroll"><table><thead><tr><th>claim</th><th>published</th><th>bound</th><th>measured</th><th>met</th></tr></thead><tbody>${claims.map(
    ({
      what,
      after,
      published,
      bound,
      measured,
      met,
      source,
    }) => html`<tr><td>${what}${after === undefined ? '' : ` (${after})`}<small>${source}</small></td>
<td>${value(what, published)}</td><td>${'atLeast' in bound ? `≥ ${value(what, bound.atLeast)}` : `≤ ${value(what, bound.atMost)}`}</td><td>${value(what, measured)}</td>
<td class="${met === null ? '' : met ? 'ok' : 'bad'}">${met === null ? '–' : met ? 'yes' : 'NO'}</td></tr>`,
  )}</tbody></table></div>`;
}

function layersTable({ phases, final, publishedDensities }: Result): Html {
  const layers = phases.find(({ phase }) => phase === final)!.layers;
  return html`<div class="scroll"><table><thead><tr><th>weight</th><th>numbers</th><th>kept</th><th>density</th>${publishedDensities ? html`<th>published</th>` : ''}<th>bytes</th></tr></thead><tbody>${layers.map(
    ({ name, elements, kept, density, bytes }) => {
      const published = publishedDensities?.[name];
      return html`<tr><td>${name}</td><td>${count(elements)}</td><td>${count(kept)}</td><td>${percent(density, 2)}</td>${publishedDensities ? html`<td>${published === undefined ? '' : percent(published, 0)}</td>` : ''}<td>${count(bytes)}</td></tr>`;
    },
  )}</tbody></table></div>`;
}

const originSection = ({ data, mode, seed, seconds, judged, versions }: Result): Section => ({
  title: 'Where this comes from',
  lead: `Data: ${data.note}. A ${mode} run, seed ${seed}, ${duration(seconds)} of training; judged on the test images ${judged === 1 ? 'once' : `${judged} times`}.`,
  body: html`<details><summary>Versions and checksums</summary><div class="scroll"><table><tbody>${[...Object.entries(versions), ...Object.entries(data.sha256)].map(([name, value]) => html`<tr><td>${name}</td><td><code>${value}</code></td></tr>`)}</tbody></table></div></details>`,
});

import { escaped, STYLE } from '../page-style.ts';
import { percent } from '../text.ts';
import { alikeRemarks, type CostReport, joules, time } from './describe-cost.ts';
import type { Estimate, HardwareEstimate } from './estimate.ts';

/** Told apart by colour-blind people too (Okabe and Ito's palette). */
const COLOURS: Readonly<Record<string, string>> = {
  weights: '#0072b2',
  inputs: '#e69f00',
  outputs: '#009e73',
  computation: '#cc79a7',
  other: '#999999',
};

/** A page that needs nothing else: for each piece of hardware a row a layer, its energy before and after as bars. */
export function costPage(report: CostReport): string {
  const { network, batch, hardware, notes } = report;
  const legend = Object.entries(COLOURS)
    .map(([kind, colour]) => `<span><i style="background:${colour}"></i>${kind}</span>`)
    .join('');
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(network)} · pare cost</title><style>${STYLE} .bar { margin: 2px 0 } .bar.before { opacity: .55 } h2 { font-size: 1.1rem; margin: 2rem 0 .2rem }</style>
<h1>${escaped(network)}</h1>
<p>batch ${batch}, an example of it · zeros of activations ${report.activations}</p>
<p class="legend">${legend}</p>
${hardware.map((each) => section(each, batch)).join('\n')}
<p>${[...alikeRemarks(hardware), ...notes].map(escaped).join('<br>')}</p>
</html>
`;
}

function section({ title, source, before, after, constants }: HardwareEstimate, batch: number): string {
  const largest = Math.max(
    ...[before, after].flatMap((each) => each?.layers.map((layer) => layer.energyPj) ?? []),
    1e-9,
  );
  const bar = (estimate: Estimate | null, i: number, kind: string): string => {
    if (!estimate) return '';
    const parts = Object.entries(estimate.layers[i]!.byData).map(
      ([data, energy]) =>
        `<i title="${data}: ${joules(energy / batch)}" style="width:${((100 * energy) / largest).toFixed(2)}%;background:${COLOURS[data] ?? '#999999'}"></i>`,
    );
    return `<div class="bar ${kind}">${parts.join('')}</div>`;
  };
  const cell = (text: string) => `<td class="n">${text}`;
  const rows = before.layers.map((layer, i) => {
    const compressed = after?.layers[i];
    return `<tr><td>${escaped(layer.name)}${cell(percent(compressed?.weightDensity ?? 1))}${cell(percent(layer.inputDensity))}${cell(joules(layer.energyPj / batch))}${cell(compressed ? joules(compressed.energyPj / batch) : '–')}${cell(time(layer.latencyUs / batch))}${cell(compressed ? time(compressed.latencyUs / batch) : '–')}<td style="min-width:20rem">${bar(before, i, 'before')}${bar(after, i, 'after')}`;
  });
  const heads = ['weights', 'inputs', 'energy before', 'after', 'time before', 'after'];
  const told = constants.map(({ name, value, unit, status, source: from }) =>
    escaped(`${name} ${Number(value.toPrecision(4))} ${unit}: ${status} (${from})`),
  );
  return `<h2>${escaped(title)}</h2><p>${escaped(source)} · ${joules(before.energyPj / batch)}${after ? ` → ${joules(after.energyPj / batch)}` : ''} · ${time(before.latencyUs / batch)}${after ? ` → ${time(after.latencyUs / batch)}` : ''}</p>
<div class="scroll"><table><thead><tr><th>layer${heads.map((head) => `<th class="n">${head}`).join('')}<th>energy: before above, after below</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div><details><summary>constants</summary><p>${told.join('<br>')}</p></details>`;
}

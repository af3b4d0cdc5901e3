import { escaped, STYLE } from '../page-style.ts';
import { percent } from '../text.ts';
import { alikeRemarks, type CostReport, inOrder, joules, KINDS, layerNotes, memoryOf, time } from './describe-cost.ts';
import type { Estimate, HardwareEstimate } from './estimate.ts';

/** Told apart by colour-blind people too (Okabe and Ito's palette). */
const COLOURS: Readonly<Record<(typeof KINDS)[number], string>> = {
  weights: '#0072b2',
  inputs: '#e69f00',
  outputs: '#009e73',
  computation: '#cc79a7',
  other: '#999999',
};
const colourOf = (kind: string): string => (COLOURS as Readonly<Record<string, string>>)[kind] ?? COLOURS.other;

/** A page that needs nothing else: for each piece of hardware a row a layer, its energy before and after as bars. */
export function costPage(report: CostReport): string {
  const { network, batch, hardware, notes } = report;
  const legend = KINDS.map((kind) => `<span><i style="background:${COLOURS[kind]}"></i>${kind}</span>`).join('');
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(network)} · pare cost</title><style>${STYLE} .bar { margin: 2px 0 } .bar.before:not(:last-child) { opacity: .55 } h2 { font-size: 1.1rem; margin: 2rem 0 .2rem }</style>
<h1>${escaped(network)}</h1>
<p>batch ${batch}, an example of it · zeros of activations ${report.activations}${hardware.some(({ after }) => after) ? ' · kept: weights that are not zero' : ''} · active: inputs that are not zero</p>
<p class="legend">${legend}</p>
${hardware.map((each) => section(each, batch)).join('\n')}
<p>${[...alikeRemarks(hardware), ...notes].map(escaped).join('<br>')}</p>
</html>
`;
}

const cell = (text: string): string => `<td class="n">${text}`;

function section({ title, source, before, after, constants }: HardwareEstimate, batch: number): string {
  const largest = Math.max(
    ...[before, after].flatMap((each) => each?.layers.map((layer) => layer.energyPj) ?? []),
    1e-9,
  );
  const bar = (estimate: Estimate | null, i: number, when: 'before' | 'after'): string => {
    if (!estimate) return '';
    const { byData } = estimate.layers[i]!;
    const parts = inOrder(Object.keys(byData), KINDS).map(
      (kind) =>
        `<i title="${escaped(kind)}: ${joules(byData[kind]! / batch)}" style="width:${((100 * byData[kind]!) / largest).toFixed(2)}%;background:${colourOf(kind)}"></i>`,
    );
    return `<div class="bar ${when}">${parts.join('')}</div>`;
  };
  const pair = (of: (estimate: Estimate) => string): string =>
    [before, after].map((each) => (each ? cell(of(each)) : '')).join('');
  const rows = before.layers.map((layer, i) => {
    const last = (after ?? before).layers[i]!;
    const kept = after ? cell(percent(last.weightDensity)) : '';
    const energy = pair(({ layers }) => joules(layers[i]!.energyPj / batch));
    const spent = pair(({ layers }) => time(layers[i]!.latencyUs / batch));
    return `<tr><td title="${escaped(last.notes.join('; '))}">${escaped(layer.name)}${kept}${cell(percent(layer.inputDensity))}${energy}${spent}<td style="min-width:20rem">${bar(before, i, 'before')}${bar(after, i, 'after')}`;
  });
  const headsOf = (what: string) => (after ? [`${what} before`, 'after'] : [what]);
  const heads = [...(after ? ['kept'] : []), 'active', ...headsOf('energy'), ...headsOf('time')];
  const told = constants.map(({ name, value, unit, status, source: from }) =>
    escaped(`${name} ${Number(value.toPrecision(4))} ${unit}: ${status} (${from})`),
  );
  return `<h2>${escaped(title)}</h2><p>${escaped(source)} · ${joules(before.energyPj / batch)}${after ? ` → ${joules(after.energyPj / batch)}` : ''} · ${time(before.latencyUs / batch)}${after ? ` → ${time(after.latencyUs / batch)}` : ''}</p>
<div class="scroll"><table><thead><tr><th>layer${heads.map((head) => `<th class="n">${head}`).join('')}<th>energy${after ? ': before above, after below' : ''}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div><p>${[`memory: ${memoryOf(before, after, batch)}`, ...layerNotes(after ?? before)].map(escaped).join('<br>')}</p><details><summary>constants</summary><p>${told.join('<br>')}</p></details>`;
}

import type { Inspection, WeightInspection } from './inspection.ts';
import { escaped, STYLE } from './page-style.ts';
import { besideFloat32, extents, grouped, percent } from './text.ts';

/** Colours of streams, told apart by colour-blind people too (Okabe and Ito's palette). */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442', '#999999'];

/** A page that needs nothing else: a row a weight, its bytes by stream as a bar, its values as a histogram. */
export function inspectionPage(inspection: Inspection): string {
  const { file, name, weights, numbers, fileBytes, layers } = inspection;
  const isFile = inspection.parts !== undefined;
  const streams = [...new Set(weights.flatMap(({ bytesByStream = {} }) => Object.keys(bytesByStream)))];
  const colour = new Map(streams.map((stream, i) => [stream, COLOURS[i % COLOURS.length]!]));
  const largest = Math.max(1, ...weights.map((weight) => weight.bytes ?? weight.boundBytes));
  const legend = streams
    .map((stream) => `<span><i style="background:${colour.get(stream)}"></i>${escaped(stream)}</span>`)
    .join('');
  const title = name ?? file;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)} · pare inspect</title><style>${STYLE}</style>
<h1>${escaped(title)}</h1>
<p>${escaped(file)} · ${grouped(fileBytes)} B · ${layers} layers · ${weights.length} weights · ${grouped(numbers)} numbers · ${((8 * fileBytes) / Math.max(1, numbers)).toFixed(3)} bits a number · ${besideFloat32(fileBytes, 4 * numbers)}</p>
<p class="legend">${legend}</p>
<div class="scroll"><table><thead><tr><th>weight<th>shape<th class="n">density<th class="n">values<th class="n">bits each<th class="n">${isFile ? 'bytes' : 'bound'}<th>${isFile ? 'bytes by stream' : ''}<th>values that are not zero</tr></thead>
<tbody>
${weights.map((weight) => row(weight, largest, colour)).join('\n')}
</tbody></table></div>
<p>Bars share one scale. Histograms go from −max|w| to max|w|; hover for numbers. Bound: order-0 entropy of places and values.</p>
</html>
`;
}

function row(weight: WeightInspection, largest: number, colour: ReadonlyMap<string, string>): string {
  const {
    name,
    shape,
    density,
    levels,
    count,
    bytes,
    boundBytes,
    bytesByStream = { bound: boundBytes },
    histogram,
  } = weight;
  const size = bytes ?? boundBytes;
  const bar = Object.entries(bytesByStream)
    .map(
      ([stream, part]) =>
        `<i title="${escaped(stream)}: ${grouped(part)} B" style="width:${((100 * part) / largest).toFixed(2)}%;background:${colour.get(stream) ?? '#999999'}"></i>`,
    )
    .join('');
  const highest = Math.max(1, ...histogram);
  const columns = histogram.map((n) => `<i style="height:${((100 * n) / highest).toFixed(0)}%"></i>`).join('');
  const range = `${weight.least.toPrecision(3)} … ${weight.most.toPrecision(3)}, standard deviation ${weight.standardDeviation.toPrecision(3)}`;
  return `<tr><td>${escaped(name)}<td>${extents(shape)}<td class="n">${percent(density)}<td class="n">${levels === undefined ? '–' : grouped(levels)}<td class="n">${((8 * size) / Math.max(1, count)).toFixed(2)}<td class="n" title="bound ${grouped(boundBytes)} B">${grouped(size)}<td style="min-width:16rem"><div class="bar">${bar}</div><td><div class="histogram" title="${range}">${columns}</div></tr>`;
}

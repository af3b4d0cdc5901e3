import { readFileSync, writeFileSync } from 'node:fs';
import type { Row } from './measure.ts';

// Draws results/crossover.json (`pnpm -s bench crossover --json`) as results/crossover.svg: for each layer, how much faster than the
// dense kernel each kernel is, over the density; where it is no longer faster; and how far two gathers a cycle could go, which is what the machine loads.

const results = new URL('../results/', import.meta.url);
const { peers, rows } = JSON.parse(readFileSync(new URL('crossover.json', results), 'utf8')) as {
  peers: readonly string[];
  rows: readonly (Omit<Row, 'peer'> & { readonly peer: number })[];
};

interface Point {
  readonly layer: string;
  readonly kernel: string;
  readonly density: number;
  readonly ratio: number;
  readonly denseMs: number;
  readonly isChosen: boolean;
  /** Whether it is the dense kernel, against itself. */
  readonly isDense: boolean;
}

const points = rows.map(({ name, ratio, peer, peerMin }): Point => {
  const [, layer, percent, kernel, chosen] = /^(.*) at (\d+) %: ([\w-]+)(, chosen)?$/.exec(name)!;
  return {
    layer: layer!,
    kernel: kernel!,
    density: Number(percent) / 100,
    ratio,
    denseMs: peerMin,
    isChosen: Boolean(chosen),
    isDense: peers[peer] === `our ${kernel}`,
  };
});
const layers = [...new Set(points.map(({ layer }) => layer))];
const kernels = [...new Set(points.filter(({ isDense }) => !isDense).map(({ kernel }) => kernel))];

const [WIDTH, HEIGHT, LEFT, TOP, COLUMNS] = [330, 230, 44, 40, 3];
const COLOURS = [
  '#1b6ca8',
  '#d1495b',
  '#2e933c',
  '#8d5a97',
  '#e08e1b',
  '#5c6b73',
  '#00a6a6',
  '#7a4419',
  '#b5179e',
  '#444444',
];
/** The machine that was measured loads two numbers a cycle of 0.31 ns. */
const GATHER_NS = 0.31 / 2;

const x = (density: number): number =>
  LEFT + ((Math.log(density) - Math.log(0.02)) / -Math.log(0.02)) * (WIDTH - LEFT - 20);
const y = (ratio: number): number =>
  TOP + (1 - (Math.log2(Math.min(32, Math.max(1 / 8, ratio))) + 3) / 8) * (HEIGHT - TOP - 40);
const line = (values: readonly (readonly [number, number])[], style: string): string =>
  `<polyline fill="none" ${style} points="${values.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ')}"/>`;
const label = (at: readonly [number, number], text: string, more = ''): string =>
  `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${text}</text>`;

function panel(layer: string): string {
  const of = points.filter((point) => point.layer === layer);
  const parts = [label([LEFT, 20], layer, 'font-weight="bold"')];
  for (const ratio of [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32]) {
    parts.push(
      line(
        [
          [0.02, ratio],
          [1, ratio],
        ],
        `stroke="${ratio === 1 ? '#000' : '#ddd'}"`,
      ),
    );
    parts.push(label([LEFT - 6, y(ratio) + 4], ratio < 1 ? `1/${1 / ratio}` : `${ratio}x`, 'text-anchor="end"'));
  }
  for (const density of [0.02, 0.05, 0.1, 0.2, 0.5, 1]) {
    parts.push(label([x(density), HEIGHT - 24], `${Math.round(100 * density)} %`, 'text-anchor="middle"'));
  }
  const size = /^(\d+)x(\d+)(?!.*(batch|to))/.exec(layer);
  if (size) {
    const nonzeros = Number(size[1]) * Number(size[2]);
    const denseMs = Math.min(...of.map((point) => point.denseMs));
    const bound = (density: number) => [density, (denseMs * 1e6) / (nonzeros * density * GATHER_NS)] as const;
    parts.push(line([0.02, 0.05, 0.1, 0.2, 0.5, 1].map(bound), 'stroke="#000" stroke-dasharray="2 3"'));
  }
  kernels.forEach((kernel, i) => {
    const its = of.filter((point) => point.kernel === kernel && !point.isDense);
    if (its.length < 2) return;
    const colour = COLOURS[i % COLOURS.length]!;
    parts.push(
      line(
        its.map(({ density, ratio }) => [density, ratio] as const),
        `stroke="${colour}" stroke-width="1.6"`,
      ),
    );
    for (const { density, ratio, isChosen } of its) {
      if (isChosen)
        parts.push(`<circle cx="${x(density).toFixed(1)}" cy="${y(ratio).toFixed(1)}" r="3" fill="${colour}"/>`);
    }
    const crossing = crossover(its);
    if (crossing)
      parts.push(label([x(crossing), y(1) - 4], `${Math.round(100 * crossing)} %`, `fill="${colour}" font-size="9"`));
  });
  return parts.join('\n');
}

/** The density from which a kernel is no longer faster than the dense one, on a straight line between two that were measured. */
function crossover(points: readonly Point[]): number | undefined {
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!];
    if (a.ratio < 1 || b.ratio >= 1) continue;
    const share = Math.log(a.ratio) / (Math.log(a.ratio) - Math.log(b.ratio));
    return Math.exp(Math.log(a.density) + share * (Math.log(b.density) - Math.log(a.density)));
  }
  return undefined;
}

const panels = layers.map(
  (layer, i) =>
    `<g transform="translate(${(i % COLUMNS) * WIDTH} ${Math.floor(i / COLUMNS) * HEIGHT})">${panel(layer)}</g>`,
);
const legendAt = [
  (layers.length % COLUMNS) * WIDTH + LEFT,
  Math.floor(layers.length / COLUMNS) * HEIGHT + TOP,
] as const;
const legend = kernels.map((kernel, i) =>
  label([legendAt[0], legendAt[1] + 16 * i], kernel, `fill="${COLOURS[i % COLOURS.length]}"`),
);
legend.push(label([legendAt[0], legendAt[1] + 16 * legend.length], 'dashed: two gathers a cycle; dots: chosen'));
const [width, height] = [COLUMNS * WIDTH, Math.ceil((layers.length + 1) / COLUMNS) * HEIGHT];
const svg = [
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
  `<rect width="${width}" height="${height}" fill="#fff"/>`,
  ...panels,
  ...legend,
  '</svg>',
].join('\n');
writeFileSync(new URL('crossover.svg', results), `${svg}\n`);

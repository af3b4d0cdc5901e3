import { duration } from '../display.ts';
import type { Statistics } from '../judgement/statistics.ts';
import { count, percent, points } from '../numbers.ts';
import { textTable } from '../text-table.ts';
import type { Ladder } from './ladder.ts';
import type { LadderResult, RowResult } from './ladder-result.ts';
import { PUBLISHED_SOURCE } from './published.ts';
import type { Row, RowBound } from './row.ts';

/** Writes a ladder's result as a table for people: what was published, what was measured, and where each number comes from. */
export function describeLadder(ladder: Ladder, result: LadderResult): string {
  const { rows, data, mode, seed } = result;
  const shown = ladder.rows.map((row) => ({ row, made: rows.find(({ id }) => id === row.id) }));
  const table = (group: Row['group']): string[] => {
    const wanted = shown.filter(({ row }) => row.group === group);
    return wanted.length === 0
      ? []
      : [
          '',
          ...textTable(
            HEADS[group],
            wanted.map((each) => cells(group, each)),
          ),
        ];
  };
  const bounds = shown.flatMap(({ row, made }) => (made ? boundLines(row, made) : []));
  return [
    `${ladder.title}  (${mode}, seed ${seed}${data.source === 'generated' ? ', GENERATED DATA' : ''})`,
    `  ${ladder.source}`,
    `  ${data.note}`,
    ...(data.source === 'generated'
      ? ['  What is computed here is of generated weights, of which no accuracy can be measured: it is no result.']
      : []),
    ...table('published'),
    ...table('ours'),
    ...table('free'),
    ...shown.flatMap(terseTables),
    ...besideTable(result),
    ...(bounds.length > 0 ? ['', ...textTable(['bound', '', 'at most', 'measured', 'met'], bounds)] : []),
    '',
    '  ratio: 243,860,896 B (AlexNet as float32) over the bytes of the whole file. Points lost: top-1 against the network a row was',
    '  made from, with the 95 % interval (paired per image, adjusted Wald). Judged on 700 photographs outside ImageNet; published',
    "  accuracies are on ImageNet's 50,000 validation images: differences compare, levels do not.",
    `  published: ${PUBLISHED_SOURCE}`,
    '  computed: by this run · carried: from results committed before · generated: random weights of the right shapes and densities',
    `  ${duration(result.seconds)}`,
  ].join('\n');
}

const terseTables = ({ row, made }: Shown): string[] =>
  (made?.details.tables ?? []).flatMap(({ title, head, rows, note, terse }) =>
    terse ? ['', `  ${row.architecture}: ${title}`, ...textTable(head, rows), ...(note ? [`  ${note}`] : [])] : [],
  );

function besideTable({ beside }: LadderResult): string[] {
  if (beside.length === 0) return [];
  const rows = beside.map(({ recipe, mode, bytes, ratio, error }) => [
    recipe,
    count(bytes),
    `${ratio.toFixed(1)}x of its own`,
    `${percent(error.before, 2)} → ${percent(error.after, 2)}`,
    `carried, ${mode}`,
  ]);
  return ['', ...textTable(['on MNIST', 'bytes', 'ratio', 'error', 'from'], rows)];
}

const HEADS: Readonly<Record<Row['group'], readonly string[]>> = {
  published: [
    'published rows',
    'MB',
    'ratio',
    'top-1',
    'top-5',
    'our bytes',
    'ratio',
    'top-1',
    'top-5',
    'points lost',
    'from',
  ],
  ours: ['ours', 'bytes', 'ratio', 'top-1', 'top-5', 'points lost', 'same answers', 'KL, nats', 'from'],
  free: [
    'what everyone has for free',
    'bytes',
    'ratio',
    'top-1',
    'top-5',
    'points lost',
    'same answers',
    'KL, nats',
    'from',
  ],
};

interface Shown {
  readonly row: Row;
  readonly made: RowResult | undefined;
}

function cells(group: Row['group'], { row, made }: Shown): string[] {
  const size = made ? [count(made.bytes), ratioOf(made)] : ['–', '–'];
  const judged = judgedCells(row, made?.judgement ?? null, made !== undefined);
  const from = made ? stateOf(made) : row.runs === 'full' ? 'not run: --full' : 'not run';
  if (group !== 'published') return [row.title, ...size, ...judged, from];
  const { compressedMb = 0, ratio = 0, top1 = 0, top5 = 0 } = row.published ?? {};
  const printed = [String(compressedMb), `${ratio}x`, `${top1.toFixed(1)} %`, `${top5.toFixed(1)} %`];
  return [row.title, ...printed, ...size, ...judged.slice(0, 3), from];
}

function judgedCells(row: Row, judgement: Statistics | null, made: boolean): string[] {
  if (!made) return ['', '', '', '', ''];
  if (!judgement) return [row.against ? 'not judged' : 'no real weights', '', '', '', ''];
  const { accuracy, agreement, divergence } = judgement;
  const closeness = [percent(agreement), divergence.toFixed(4)];
  if (!accuracy) return ['no real weights', '', '', ...closeness];
  const { value, low, high } = accuracy.drop;
  return [
    percent(accuracy.top1),
    percent(accuracy.top5),
    `${points(value)} (${points(low)} … ${points(high)})`,
    ...closeness,
  ];
}

/** Small networks of a smoke run have nothing to do with AlexNet. */
export const ratioOf = ({ mode, ratio, weights }: Pick<RowResult, 'mode' | 'ratio' | 'weights'>): string =>
  mode === 'smoke' && weights !== 'none' ? '–' : `${ratio.toFixed(ratio < 10 ? 1 : 0)}x`;

/** Where a row comes from, in words. */
export const stateOf = ({ state, weights }: Pick<RowResult, 'state' | 'weights'>): string =>
  `${state}${weights === 'generated' ? ', generated' : weights === 'none' ? ' (counted)' : ''}`;

function boundLines(row: Row, made: RowResult): string[][] {
  return (row.bounds ?? []).map((bound) => {
    const value = measured(bound, made);
    const show = (number: number) =>
      bound.what === 'bytes' ? count(number) : bound.what === 'seconds' ? duration(number) : points(number);
    return [
      row.title,
      bound.what,
      `${show(bound.atMost)}${bound.goal === undefined ? '' : ` (goal ${show(bound.goal)})`}`,
      value === null ? 'not measured' : show(value),
      verdict(bound, made),
    ];
  });
}

/** Whether a row is within its bound; '–' where that was not measured, or says nothing since weights are generated. */
export function verdict(bound: RowBound, made: RowResult): string {
  const value = measured(bound, made);
  if (value === null || (made.weights === 'generated' && bound.what !== 'seconds')) return '–';
  if (bound.goal !== undefined && value <= bound.goal + HAIR) return 'yes, and the goal';
  return value <= bound.atMost + HAIR ? 'yes' : 'NO';
}

// Drops are multiples of 1/700: a hair keeps 7/700 from exceeding 0.01.
const HAIR = 1e-9;

function measured({ what }: RowBound, { bytes, seconds, judgement }: RowResult): number | null {
  if (what === 'bytes') return bytes;
  if (what === 'seconds') return seconds;
  const accuracy = judgement?.accuracy;
  if (!accuracy) return null;
  return what === 'top-1 drop' ? accuracy.drop.value : accuracy.original.top5 - accuracy.top5;
}

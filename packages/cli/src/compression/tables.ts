import type { Drift } from '@pare/core';
import type { Baselines } from '../baselines.ts';
import { decibels, extents, percent, table, times } from '../text.ts';
import type { JudgedWeight } from './judge.ts';

/** What became of each weight. */
export const weightTable = (weights: readonly JudgedWeight[], movedBiases: ReadonlySet<string>): string =>
  table(
    ['weight', 'shape', 'density', 'bits each', 'bytes', 'error', 'codec'],
    weights.map((row) => [
      row.name,
      extents(row.shape),
      percent(row.density),
      row.bitsPerWeight.toFixed(2),
      row.bytes,
      movedBiases.has(row.name) ? '–' : row.relativeError === 0 ? 'exact' : percent(row.relativeError),
      row.codec,
    ]),
  );

/** What the file answers, beside the original, where nothing was learnt from. */
export const driftTable = ({ divergence, agreement, drop, count }: Drift): string =>
  table(
    ['held-back examples', 'mean divergence', 'same answer', ...(drop === undefined ? [] : ['points lost'])],
    [
      [
        count,
        `${divergence.toPrecision(3)} nats`,
        percent(agreement),
        ...(drop === undefined ? [] : [(100 * drop).toFixed(2)]),
      ],
    ],
  );

/** The file beside what anyone has for free. */
export function comparison(size: number, error: number, free: Baselines | undefined, raw: number): string {
  const row = (name: string, bytes: number, relativeError: number) => [
    name,
    bytes,
    times(raw / bytes),
    relativeError === 0 ? 'exact' : percent(relativeError),
    decibels(relativeError),
  ];
  return table(
    ['', 'bytes', 'smaller', 'error', 'SNR'],
    [
      row('raw float32', raw, 0),
      ...(free
        ? [
            row('uint8 + gzip −9', free.uint8GzipBytes, free.uint8RelativeError),
            row('uint8 + brotli −11', free.uint8BrotliBytes, free.uint8RelativeError),
          ]
        : []),
      row('pare', size, error),
    ],
  );
}

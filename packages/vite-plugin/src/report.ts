import { relative } from 'node:path';
import type { CompressedModel } from './compressed-model.ts';

/**
 * Says how large models were and are, a line each.
 *
 * @param root - paths are printed relative to it
 * @example
 * const model = { path: '/app/net.h5', bytes: new Uint8Array(1000), files: [], fileBytes: 44_000, rawBytes: 40_000, notes: [] };
 * reportOf([model], '/app') // 'pare: net.h5  raw 40.0 kB → 1.00 kB (2.5 %)'
 */
export function reportOf(models: Iterable<CompressedModel>, root: string): string {
  const rows = [...models].map(({ path, rawBytes, bytes }) => ({
    name: relative(root, path) || path,
    raw: sizeText(rawBytes),
    ours: sizeText(bytes.length),
    share: rawBytes > 0 ? ` (${((100 * bytes.length) / rawBytes).toFixed(1)} %)` : '',
  }));
  const width = (column: 'name' | 'raw' | 'ours'): number => Math.max(0, ...rows.map((row) => row[column].length));
  const [name, raw, ours] = [width('name'), width('raw'), width('ours')];
  return rows
    .map(
      (row) => `pare: ${row.name.padEnd(name)}  raw ${row.raw.padStart(raw)} → ${row.ours.padStart(ours)}${row.share}`,
    )
    .join('\n');
}

/** Three digits, thousands: `'5.09 kB'`. */
function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, factor] = bytes < 999_500 ? ['kB', 1e3] : bytes < 999_500_000 ? ['MB', 1e6] : (['GB', 1e9] as const);
  return `${(bytes / factor).toPrecision(3)} ${unit}`;
}

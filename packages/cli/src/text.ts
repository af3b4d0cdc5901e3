/** A cell of a table; numbers are set right. */
export type Cell = string | number;

/**
 * Sets rows under their headings, columns two spaces apart.
 *
 * @example
 * table(['weight', 'bytes'], [['ip1/kernel', 12345]]) // 'weight       bytes\nip1/kernel  12,345'
 */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map(text))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isNumeric = headings.map(
    (_, column) => rows.length > 0 && rows.every((row) => NUMBER.test(text(row[column] ?? ''))),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => (isNumeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A number with or without its unit, or what stands in its place. */
const NUMBER = /^[-−\d.,]*( ?(%|x|dB|[kMG]?B|[pnµmk]?J|(µ|m|10³ )?s))?$|^–$|^exact$/;

const text = (cell: Cell): string => (typeof cell === 'number' ? grouped(cell) : cell);

/** Whole numbers in groups of three: `1,244,448`. */
export const grouped = (count: number): string => (Math.round(count) + 0).toLocaleString('en-US'); // + 0: −0.2 is 0, not −0

/** A share in percent, with as many digits as tell something: `33.4 %`, `0.0521 %`. */
export const percent = (share: number): string =>
  share === 0 ? '0 %' : `${(100 * share).toFixed(Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(100 * share)))))} %`;

/** How many times smaller: `13.7x`. */
export const times = (ratio: number): string => `${ratio.toFixed(ratio < 100 ? 2 : 1)}x`;

/** Bytes beside those of the same numbers as float32: `13.72x smaller than float32`, of tiny files `1.49x larger than float32`. */
export const besideFloat32 = (bytes: number, asFloat32: number): string =>
  bytes <= asFloat32
    ? `${times(asFloat32 / bytes)} smaller than float32`
    : `${times(bytes / Math.max(1, asFloat32))} larger than float32`;

/** `[64, 16, 3, 3]` as `64×16×3×3`. */
export const extents = (shape: readonly number[]): string => shape.join('×') || 'scalar';

/** Signal to noise ratio in decibels from a relative error ‖Δw‖/‖w‖. */
export const decibels = (relativeError: number): string =>
  relativeError === 0 ? 'exact' : `${(-20 * Math.log10(relativeError)).toFixed(1)} dB`;

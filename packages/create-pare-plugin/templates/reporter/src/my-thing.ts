import type { Report, Reporter } from '@pare/core';

/**
 * Writes what became of each weight as lines of comma-separated values.
 *
 * @example
 * myThing.extension // 'csv'
 */
export const myThing: Reporter = {
  id: 'my-thing',
  extension: 'csv',
  render: ({ weights }: Report) =>
    [
      ['weight', 'shape', 'density', 'bytes', 'relative error', 'codec'],
      ...weights.map(({ name, shape, density, bytes = '', relativeError = '', codec = '' }) => [
        name,
        shape.join('x'),
        density,
        bytes,
        relativeError,
        codec,
      ]),
    ]
      .map((cells) => `${cells.map(quoted).join(',')}\r\n`)
      .join(''),
};

/** As RFC 4180 has it. */
const quoted = (cell: string | number): string =>
  /[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell);

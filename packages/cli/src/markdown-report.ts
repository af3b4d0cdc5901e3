import type { Report, Reporter } from '@pare/core';
import { besideFloat32, extents, grouped, percent, times } from './text.ts';

/** A page of Markdown: for a pull request, a README, a wiki. */
export const markdownReporter: Reporter = {
  id: 'markdown',
  extension: 'md',
  render: ({ title, bytes, originalBytes, beside, relativeError, weights, facts, notes }: Report): string => {
    const error = (value: number | undefined): string =>
      value === undefined ? '–' : value === 0 ? 'exact' : percent(value);
    const sized = (name: string, size: number, value: number | undefined): string[] => [
      name,
      grouped(size),
      times(originalBytes / size),
      error(value),
    ];
    const sections = [
      `# ${escaped(title)}: ${grouped(bytes)} B, ${besideFloat32(bytes, originalBytes)}`,
      tableOf(
        ['', 'bytes', 'smaller', 'error'],
        [
          sized('float32', originalBytes, 0),
          ...beside.map((one) => sized(one.name, one.bytes, one.relativeError)),
          sized('pare', bytes, relativeError),
        ],
      ),
      ...(facts.length > 0
        ? [
            facts
              .map(({ name, value, unit }) => `- ${name}: ${Number(value.toPrecision(4))}${unit ? ` ${unit}` : ''}`)
              .join('\n'),
          ]
        : []),
      tableOf(
        ['weight', 'shape', 'density', 'bytes', 'error', 'codec'],
        weights.map(({ name, shape, density, bytes: size, codec = '–', relativeError: own }) => [
          name,
          extents(shape),
          percent(density),
          size === undefined ? '–' : grouped(size),
          error(own),
          codec,
        ]),
      ),
      ...(notes.length > 0 ? [notes.map((note) => `- ${escaped(note)}`).join('\n')] : []),
    ];
    return `${sections.join('\n\n')}\n`;
  },
};

const tableOf = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |`).join('\n');

/** What a model file calls its layers shall not become markup. */
const escaped = (text: string): string => text.replace(/[\\|`*_<>[\]#]/g, '\\$&').replace(/\s+/g, ' ');

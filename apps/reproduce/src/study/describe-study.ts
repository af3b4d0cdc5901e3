import { duration } from '../display.ts';
import { textTable } from '../text-table.ts';
import type { StudyResult } from './run-study.ts';
import type { Study, StudyClaim } from './study.ts';

/** Writes what a study found as tables for people. */
export function describeStudy(study: Study, result: StudyResult): string {
  const { claims, tables, notes, data, mode, seed, seconds } = result;
  return [
    `${study.title}  (${mode}, seed ${seed}${data.source === 'generated' ? ', GENERATED DATA' : ''})`,
    `  ${study.source}`,
    `  ${data.note}`,
    '',
    ...textTable(
      ['claim', 'published', 'bound', 'measured', 'met'],
      claims.map((claim) => [
        claim.what,
        valueText(claim.published, claim.unit),
        boundText(claim),
        valueText(claim.measured, claim.unit),
        claim.met === null ? '–' : claim.met ? 'yes' : 'NO',
      ]),
    ),
    ...tables.flatMap(({ title, note, columns, rows }) => [
      '',
      `  ${title}${note ? `: ${note}` : ''}`,
      ...textTable(
        columns,
        rows.map((row) => row.map(cellText)),
      ),
    ]),
    '',
    ...notes.map((note) => `  · ${note}`),
    `  ${duration(seconds)}`,
  ].join('\n');
}

/** A claim's bound in words, its goal beside it. */
export function boundText({ bound, goal, unit }: StudyClaim): string {
  const text = (limit: StudyClaim['bound']) =>
    'atLeast' in limit ? `≥ ${valueText(limit.atLeast, unit)}` : `≤ ${valueText(limit.atMost, unit)}`;
  return text(bound) + (goal ? ` (goal ${text(goal)})` : '');
}

/** A number with its unit; shares in percent. */
export function valueText(value: number | null, unit: string): string {
  if (value === null) return '–';
  if (unit === '%') return `${(100 * value).toFixed(Math.abs(value) < 0.0995 ? 2 : 1)} %`;
  return `${cellText(value)}${unit === 'x' ? 'x' : unit && ` ${unit}`}`;
}

/** A cell with as many digits as tell something. */
export function cellText(cell: string | number | null): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell) || Math.abs(cell) >= 1000) return Math.round(cell).toLocaleString('en-US');
  return String(Number(cell.toPrecision(3)));
}

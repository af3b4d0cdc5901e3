import type { LadderResult } from './ladder-result.ts';

/** Writes a ladder's result as JSON with a row a line: small, and a change of one row is a change of one line. */
export function ladderJson(result: LadderResult): string {
  const { rows, ...rest } = result;
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`);
  const head = JSON.stringify(rest, null, 2).replace(/\n}$/, '');
  return `${head},\n  "rows": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

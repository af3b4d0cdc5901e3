import { readFileSync } from 'node:fs';
import { UsageError } from './exit.ts';

/**
 * Reads names of answers: a JSON list, or a text with one a line.
 *
 * @throws UsageError if the file is absent or holds something else
 */
export function readLabels(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`--labels: cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  if (!text.trimStart().startsWith('[')) return text.replace(/\n+$/, '').split(/\r?\n/);
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((label) => typeof label === 'string')) return list;
  } catch (cause) {
    throw new UsageError(`--labels: ${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
  throw new UsageError(`--labels: ${path}: expected a list of strings`);
}

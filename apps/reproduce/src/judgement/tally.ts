import { readIfThere, writeWhole } from '@pare/cli/whole-file';

/**
 * Counts, across runs, how often something has been judged, this time included, and writes it down: call it before looking, so that a
 * run that then fails has been counted too.
 *
 * @param path - of the counts, `{ [name]: times }`
 * @param known - counts from elsewhere, such as committed results: the most of all is gone on from
 * @throws Error if the file is there and no JSON, naming it and the repair
 */
export function countJudgement(path: string, name: string, known: readonly number[]): number {
  const counts = readJson<Record<string, number>>(path) ?? {};
  const count = Math.max(counts[name] ?? 0, ...known) + 1;
  writeWhole(path, `${JSON.stringify({ ...counts, [name]: count })}\n`);
  return count;
}

/** @throws Error if the file is there and no JSON, naming it and the repair */
export function readJson<T>(path: string): T | undefined {
  const text = readIfThere(path)?.toString();
  if (!text) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new Error(`${path} is damaged: mend or remove it`, { cause });
  }
}

import { join } from 'node:path';
import { writeWhole } from '@pare/cli/whole-file';
import { seededRandom } from '@pare/core';
import { startWasm } from '@pare/tfjs';
import type { Statistics } from '../judgement/statistics.ts';
import { countJudgement, readJson } from '../judgement/tally.ts';
import { committedResult } from '../places.ts';
import type { Mode } from '../recipe.ts';
import { writeLadderReport } from '../report/write-report.ts';
import { versions } from '../versions.ts';
import { type Bench, type BenchOptions, createBench, rowKey } from './bench.ts';
import { besideResults } from './beside.ts';
import type { Ladder } from './ladder.ts';
import { ladderJson } from './ladder-json.ts';
import type { LadderResult, RowResult } from './ladder-result.ts';
import { ALEXNET_BYTES } from './published.ts';
import type { Row } from './row.ts';

export interface RunLadderOptions extends BenchOptions {
  readonly onProgress: (progress: LadderProgress) => void;
  /** Rows to compute, by id; default those that the mode asks for. */
  readonly only?: readonly string[];
  /** Results to carry rows from, best first; default those committed for this ladder. */
  readonly committed?: readonly LadderResult[];
}

export interface LadderProgress {
  /** Title of the row. */
  readonly phase: string;
  readonly stage: string;
  /** Done share of all rows, 0 … 1. */
  readonly done: number;
}

/**
 * Computes rows one by one, judges each final file, and carries the others from committed results. A finished row is written at
 * once: with `resume` it is neither computed nor judged again.
 *
 * @throws RangeError if `only` names no row
 */
export async function runLadder(ladder: Ladder, options: RunLadderOptions): Promise<LadderResult> {
  const { mode, seed, material, folder, resume, signal, onProgress, only } = options;
  const { committed = committedResults(ladder.name) } = options;
  const started = performance.now();
  const chosen = chooseRows(ladder, mode, only);
  await startWasm();
  const bench = createBench(options, seededRandom(seed));
  let resumed = false;

  const made = new Map<string, RowResult>();
  for (const [index, row] of chosen.entries()) {
    signal.throwIfAborted();
    const report = (stage: string, fraction = 0): void =>
      onProgress({ phase: row.title, stage, done: (index + Math.min(1, Math.max(0, fraction))) / chosen.length });
    const key = rowKey(row, mode, seed, material);
    const path = join(folder, 'rows', `${row.id}.json`);
    const finished = resume ? readRow(path, key) : undefined;
    if (finished) {
      resumed = true;
      made.set(row.id, finished);
      continue;
    }
    report('starting');
    const result = await computeRow(row, { ...options, committed }, bench, report);
    writeWhole(path, `${JSON.stringify({ key, result })}\n`);
    made.set(row.id, result);
  }

  const rows = ladder.rows.flatMap((row) => made.get(row.id) ?? carriedRow(row.id, committed) ?? []);
  const result: LadderResult = {
    kind: 'ladder',
    recipe: ladder.name,
    mode,
    data: { source: material.source, note: material.note, sha256: material.sha256 },
    seed,
    versions: versions(),
    rows,
    beside: besideResults(ladder.beside ?? []),
    seconds: (performance.now() - started) / 1000,
    resumed,
  };
  writeWhole(join(folder, 'result.json'), ladderJson(result));
  onProgress({ phase: 'report', stage: 'drawing', done: 1 });
  writeLadderReport(join(folder, 'report.html'), ladder, result, await bench.titles());
  return result;
}

function chooseRows(ladder: Ladder, mode: Mode, only: readonly string[] | undefined): readonly Row[] {
  if (!only && mode === 'smoke') return ladder.rows.filter(({ large }) => !large);
  if (!only) return ladder.rows.filter(({ runs }) => runs === 'always' || mode === 'full');
  const unknown = only.find((id) => !ladder.rows.some((row) => row.id === id));
  if (unknown !== undefined) {
    throw new RangeError(
      `unknown row "${unknown}" of ${ladder.name}: expected some of ${ladder.rows.map(({ id }) => id).join(', ')}`,
    );
  }
  return ladder.rows.filter(({ id }) => only.includes(id));
}

async function computeRow(
  row: Row,
  options: RunLadderOptions & { readonly committed: readonly LadderResult[] },
  bench: Bench,
  report: (stage: string, fraction?: number) => void,
): Promise<RowResult> {
  const { mode, seed, material, folder } = options;
  const started = performance.now();
  const made = await row.run(bench.context(row, report));
  const seconds = (performance.now() - started) / 1000;
  if (made.file) writeWhole(join(folder, `${row.id}.pare`), made.file);
  const { model } = made;
  const comparable = model && row.against !== undefined ? { model, against: row.against } : undefined;
  let heldBack: Statistics | null = null;
  let judgement: Statistics | null = null;
  let judged = 0;
  if (comparable) {
    report('answering held-back images', 1);
    heldBack = await bench.tryOut(comparable.model, comparable.against);
    report('answering the images that judge', 1);
    // Counted before looking, so that even a run that then fails has been counted.
    const known = options.committed.flatMap(({ rows }) =>
      rows.filter(({ id }) => id === row.id).map((each) => each.judged),
    );
    judged = material.source === 'real' ? countJudgement(join(folder, 'judged.json'), row.id, known) : 1;
    judgement = await bench.judge(comparable.model, comparable.against);
  }
  return {
    id: row.id,
    state: 'computed',
    weights: made.weights ?? material.source,
    mode,
    seed,
    bytes: made.bytes,
    ratio: ALEXNET_BYTES / made.bytes,
    against: comparable?.against ?? null,
    judgement,
    heldBack,
    judged,
    seconds: made.seconds ?? seconds,
    note: made.note ?? '',
    details: made.details ?? {},
  };
}

function readRow(path: string, key: string): RowResult | undefined {
  const saved = readJson<{ readonly key: string; readonly result: RowResult }>(path);
  return saved?.key === key ? saved.result : undefined;
}

/** What is committed for a ladder: the long run first, then the short one. */
function committedResults(ladder: string): readonly LadderResult[] {
  return (['full', 'quick'] as const).flatMap((mode) => {
    return readJson<LadderResult>(committedResult(ladder, mode, 1)) ?? [];
  });
}

const carriedRow = (id: string, committed: readonly LadderResult[]): RowResult | undefined => {
  const row = committed.flatMap(({ rows }) => rows).find((each) => each.id === id);
  return row && { ...row, state: 'carried' };
};

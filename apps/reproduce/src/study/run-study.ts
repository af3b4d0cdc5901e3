import { join } from 'node:path';
import { writeWhole } from '@pare/cli/whole-file';
import { seededRandom } from '@pare/core';
import { isMet } from '../claims.ts';
import type { Mode } from '../recipe.ts';
import { studyPage } from '../report/study-page.ts';
import type { Run } from '../result.ts';
import { versions } from '../versions.ts';
import type { Findings, Study, StudyClaim } from './study.ts';

/** A claim, and whether it holds: null where nothing was measured, or not on the claim's data. */
export type JudgedStudyClaim = StudyClaim & { readonly met: boolean | null };

/** Everything a study found out. */
export interface StudyResult extends Run, Omit<Findings, 'data' | 'claims'> {
  readonly kind: 'study';
  readonly claims: readonly JudgedStudyClaim[];
}

export interface RunStudyOptions {
  readonly mode: Mode;
  readonly seed: number;
  /** Receives the result and the report. */
  readonly folder: string;
  /** Whether what an earlier run kept there may be taken. */
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly phase: string; readonly stage: string; readonly done: number }) => void;
}

/** Runs a study, judges its claims, writes result and report. */
export async function runStudy(study: Study, options: RunStudyOptions): Promise<StudyResult> {
  const { mode, seed, folder, resume, signal, onProgress } = options;
  const started = performance.now();
  const { data, claims, tables, charts, notes } = await study.run({
    mode,
    seed,
    random: seededRandom(seed),
    folder,
    resume,
    signal,
    report: (stage, done) => onProgress({ phase: study.name, stage, done }),
  });
  const result: StudyResult = {
    kind: 'study',
    recipe: study.name,
    mode,
    data,
    seed,
    versions: versions(),
    claims: claims.map((claim) => ({ ...claim, met: metOf(claim, data.source) })),
    tables,
    charts,
    notes,
    seconds: (performance.now() - started) / 1000,
    resumed: resume,
  };
  writeWhole(join(folder, 'result.json'), studyJson(result));
  writeWhole(join(folder, 'report.html'), studyPage(study, result));
  return result;
}

const metOf = ({ measured, bound }: StudyClaim, source: 'real' | 'generated'): boolean | null =>
  measured === null || source === 'generated' ? null : isMet(bound, measured);

/** As JSON with five digits a number and a row a line: small, and a change of one row is a change of one line. */
export function studyJson(result: StudyResult): string {
  const short = JSON.parse(
    JSON.stringify(result, (_, value: unknown) =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
    ),
  ) as StudyResult;
  const { claims, tables, charts, ...rest } = short;
  const list = (items: readonly unknown[]) =>
    `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
  const head = JSON.stringify(rest, null, 2).replace(/\n}$/, '');
  const table = ({ rows, ...about }: StudyResult['tables'][number]) =>
    `    ${JSON.stringify(about).slice(0, -1)},"rows":[\n${rows.map((row) => `      ${JSON.stringify(row)}`).join(',\n')}\n    ]}`;
  return `${head},\n  "claims": ${list(claims)},\n  "tables": [\n${tables.map(table).join(',\n')}\n  ],\n  "charts": ${list(charts)}\n}\n`;
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LadderResult } from './ladder/ladder-result.ts';
import type { LadderProgress } from './ladder/run-ladder.ts';
import type { Mode } from './recipe.ts';
import type { Result } from './result.ts';
import type { RecipeProgress } from './run-recipe.ts';
import type { StudyResult } from './study/run-study.ts';

/** Of a recipe that trains, of a ladder, or of a study. */
export type AnyResult = Result | LadderResult | StudyResult;
export type AnyProgress = RecipeProgress | LadderProgress;

export interface Job {
  readonly recipe: string;
  /** Where it is, if it is not one of ours. */
  readonly file?: string;
  readonly mode: Mode;
  readonly seed: number;
  readonly folder: string;
  readonly resume: boolean;
  /** Rows of a ladder, by id; default those that the mode asks for. */
  readonly rows?: readonly string[];
  /** For a recipe that trains: plugins beside its own, by package or path. */
  readonly plugins: readonly string[];
}

export type ToWorker = ({ readonly kind: 'run' } & Job) | { readonly kind: 'stop' };
export type FromWorker =
  | { readonly kind: 'progress'; readonly progress: AnyProgress }
  | { readonly kind: 'result'; readonly result: AnyResult }
  | { readonly kind: 'failed'; readonly interrupted: boolean; readonly message: string; readonly stack: string };

export type Outcome =
  | { readonly job: Job; readonly result: AnyResult }
  | { readonly job: Job; readonly interrupted: boolean; readonly message: string; readonly stack: string };

/**
 * Runs jobs in processes of their own, so many at a time, in the order given.
 *
 * @param signal - when aborted, running jobs stop at their next step and keep their checkpoints; waiting ones never start
 * @returns the outcomes, in the order of the jobs
 */
export async function runJobs(
  jobs: readonly Job[],
  {
    atOnce,
    signal,
    onProgress,
    onEnd,
  }: {
    readonly atOnce: number;
    readonly signal: AbortSignal;
    readonly onProgress: (job: Job, progress: AnyProgress) => void;
    readonly onEnd: (outcome: Outcome) => void;
  },
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      const job = jobs[index]!;
      const outcome: Outcome = signal.aborted
        ? { job, interrupted: true, message: 'interrupted', stack: '' }
        : await runJob(job, signal, (progress) => onProgress(job, progress));
      outcomes[index] = outcome;
      onEnd(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, lane));
  return outcomes;
}

function runJob(job: Job, signal: AbortSignal, onProgress: (progress: AnyProgress) => void): Promise<Outcome> {
  return new Promise((resolve) => {
    // What a worker prints (tfjs greets, for one) must never reach our stdout, which may be JSON.
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let outcome: Outcome | undefined;
    let complaints = '';
    const stop = (): void => {
      if (child.connected) child.send({ kind: 'stop' } satisfies ToWorker);
    };
    signal.addEventListener('abort', stop, { once: true });
    child.stderr!.on('data', (chunk) => {
      complaints = (complaints + chunk).slice(-4000);
    });
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'result') outcome = { job, result: message.result };
      else outcome = { job, ...message };
    });
    child.on('error', (error) => {
      outcome ??= {
        job,
        interrupted: signal.aborted,
        message: `the worker: ${error.message}`,
        stack: error.stack ?? '',
      };
      if (child.exitCode === null && child.pid === undefined) resolve(outcome); // it never started: no exit will come
    });
    // It can have exited before its last message is read: the channel closes after that.
    const closed = once(child, 'disconnect');
    child.on('exit', async (code, killedBy) => {
      await closed;
      signal.removeEventListener('abort', stop);
      const message = `the worker ended ${killedBy ? `by ${killedBy}` : `with code ${code}`}\n${complaints}`.trim();
      resolve(outcome ?? { job, interrupted: signal.aborted, message, stack: '' });
    });
    child.send({ kind: 'run', ...job } satisfies ToWorker);
  });
}

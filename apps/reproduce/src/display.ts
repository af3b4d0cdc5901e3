import { logUpdateStderr } from 'log-update';
import type { AnyProgress } from './pool.ts';
import type { RecipeProgress } from './run-recipe.ts';

/** Shows how recipes get on: lines that redraw themselves on a terminal, a plain line now and then elsewhere. */
export interface Display {
  update(recipe: string, progress: AnyProgress): void;
  /** Prints a line that stays, and forgets the recipe's progress. */
  end(recipe: string, line: string): void;
  close(): void;
}

/** Elsewhere than on a terminal, a recipe speaks up at each new phase, and at least this many seconds apart otherwise. */
const PLAIN_INTERVAL_S = 20;

/** @param stream - stderr, so that stdout stays free for results */
export function createDisplay(stream: NodeJS.WriteStream, nowS: () => number): Display {
  return stream.isTTY ? liveDisplay() : plainDisplay(stream, nowS);
}

function liveDisplay(): Display {
  const current = new Map<string, RecipeProgress>();
  const draw = (): void => logUpdateStderr([...current].map(([name, progress]) => describe(name, progress)).join('\n'));
  return {
    update(recipe, progress) {
      current.set(recipe, merge(current.get(recipe), progress));
      draw();
    },
    end(recipe, line) {
      current.delete(recipe);
      logUpdateStderr.clear();
      console.error(line);
      draw();
    },
    close: () => logUpdateStderr.done(),
  };
}

function plainDisplay(stream: NodeJS.WriteStream, nowS: () => number): Display {
  const last = new Map<string, { readonly progress: RecipeProgress; readonly printedS: number }>();
  return {
    update(recipe, progress) {
      const before = last.get(recipe);
      const merged = merge(before?.progress, progress);
      const due = !before || before.progress.phase !== progress.phase || nowS() - before.printedS >= PLAIN_INTERVAL_S;
      if (due) stream.write(`${describe(recipe, merged)}\n`);
      last.set(recipe, { progress: merged, printedS: due ? nowS() : before.printedS });
    },
    end: (_recipe, line) => void stream.write(`${line}\n`),
    close() {},
  };
}

/** What a stage left unsaid is carried over, so that the line does not flicker. */
const merge = (before: RecipeProgress | undefined, now: RecipeProgress): RecipeProgress => ({
  ...(before?.phase === now.phase && before),
  ...(before?.secondsLeft !== undefined && { secondsLeft: before.secondsLeft }),
  ...now,
});

function describe(name: string, p: RecipeProgress): string {
  const parts = [
    `${bar(p.done)} ${percent(p.done, 0).padStart(4)}`,
    `${p.phase} · ${p.stage}`,
    p.epoch === undefined ? '' : `epoch ${p.epoch}/${p.epochs}`,
    p.loss === undefined ? '' : `loss ${p.loss.toFixed(4)}`,
    p.accuracy === undefined ? '' : `accuracy ${percent(p.accuracy, 2)}`,
    p.density === undefined ? '' : `density ${percent(p.density, 2)}`,
    p.secondsLeft === undefined ? '' : `${duration(p.secondsLeft)} left`,
  ];
  return `${name.padEnd(21)} ${parts.filter(Boolean).join('  ')}`;
}

const bar = (done: number): string => '█'.repeat(Math.round(12 * done)).padEnd(12, '░');
const percent = (share: number, digits: number): string => `${(100 * share).toFixed(digits)}%`;

/**
 * Says a time as people do.
 *
 * @example
 * duration(75) // '1 min 15 s'
 */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

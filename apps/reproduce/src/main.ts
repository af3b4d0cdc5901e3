import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { writeWhole } from '@pare/cli/whole-file';
import { createDisplay, duration } from './display.ts';
import { committedResult, OUT, runName } from './places.ts';
import { type Job, type Outcome, runJobs } from './pool.ts';
import type { Mode } from './recipe.ts';
import { recipeNamed, recipes } from './recipes.ts';
import { describeResult } from './report.ts';

const HELP = `Reproduces published compression results from training to one small file.

Usage: pnpm reproduce [recipe…] [options]        without a recipe: all of them

Recipes
${[...recipes]
  .sort((a, b) => a.name.localeCompare(b.name))
  .map((recipe) => `  ${recipe.name.padEnd(20)} ${recipe.title}`)
  .join('\n')}

Options
  --full        take the time that the best result needs (default: quick, minutes)
  --smoke       seconds, on drawn digits: shows that everything works, proves nothing
  --resume      go on from the checkpoint that an interrupted run left
  --seed N      another run of chance (default 1)
  --jobs N      recipes at once (default: one per core)
  --out FOLDER  where results, .pare files and checkpoints go (default apps/reproduce/out)
  --save        also put each result into apps/reproduce/results/<recipe>.<mode>.json
  --json        print {"results": [...]} and nothing else on stdout
  --help        this

MNIST is looked for in $PARE_DATA, ../shared/data and the cache, then fetched once ($PARE_DATA_URL overrides from where,
PARE_OFFLINE=1 forbids it); without any of these the digits are drawn, and every result says so.

Exit codes: 0 done (claims missed are shown, not failures) · 1 a recipe failed · 2 wrong usage · 130 interrupted`;

async function main(): Promise<number> {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      full: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      out: { type: 'string', default: OUT },
    },
  });
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const names = positionals.filter((word) => word !== '--');
  const chosen = names.length ? [...new Set(names)].map(recipeNamed) : recipes;
  if (options.full && options.smoke) throw new RangeError('--full and --smoke exclude each other');
  const mode: Mode = options.full ? 'full' : options.smoke ? 'smoke' : 'quick';
  const seed = wholeNumber('--seed', options.seed, 0);
  const atOnce = wholeNumber('--jobs', options.jobs, 1);

  const jobs: Job[] = chosen.map((recipe) => ({
    recipe: recipe.name,
    mode,
    seed,
    folder: join(options.out, recipe.name, runName(mode, seed)),
    resume: options.resume,
  }));
  const abort = new AbortController();
  process.on('SIGINT', () => {
    if (abort.signal.aborted) process.exit(130);
    console.error('\nstopping at the next step; Ctrl-C again to stop at once');
    abort.abort(new Error('interrupted'));
  });
  process.on('SIGTERM', () => abort.abort(new Error('terminated')));

  const display = createDisplay(process.stderr, () => performance.now() / 1000);
  const outcomes = await runJobs(jobs, {
    atOnce,
    signal: abort.signal,
    onProgress: (job, progress) => display.update(job.recipe, progress),
    onEnd: (outcome) => display.end(outcome.job.recipe, endLine(outcome)),
  });
  display.close();

  const results = outcomes.flatMap((outcome) => ('result' in outcome ? [outcome.result] : []));
  if (options.json) console.log(JSON.stringify({ results }, null, 2));
  else for (const result of results) console.log(`\n${describeResult(recipeNamed(result.recipe), result)}`);
  for (const { job, ...outcome } of outcomes) {
    if (!('result' in outcome)) continue;
    const saved = committedResult(job.recipe, job.mode, job.seed);
    const worthy = job.mode !== 'smoke' && outcome.result.data.source === 'real';
    if (options.save && !worthy)
      console.error(`${job.recipe}: not saved: only runs on real data, quick or full, are results`);
    else if (options.save) writeWhole(saved, `${JSON.stringify(outcome.result, null, 2)}\n`);
    if (!options.json)
      console.log(`\n  ${here(join(job.folder, `${job.recipe}.pare`))}${options.save ? `  ${here(saved)}` : ''}`);
  }
  if (abort.signal.aborted) {
    console.error(
      `interrupted; go on with: pnpm reproduce ${[...process.argv.slice(2).filter((word) => word !== '--resume'), '--resume'].join(' ')}`,
    );
    return 130;
  }
  return outcomes.every((outcome) => 'result' in outcome) ? 0 : 1;
}

function endLine(outcome: Outcome): string {
  const name = outcome.job.recipe.padEnd(19);
  if ('result' in outcome) {
    const { result } = outcome;
    const met = result.claims.filter((claim) => claim.met).length;
    const claims = result.data.source === 'real' ? `${met} of ${result.claims.length} claims met` : 'on generated data';
    return `${name} done in ${duration(result.seconds)}: ${result.sizes.ratio.toFixed(1)}x, ${claims}`;
  }
  return outcome.interrupted ? `${name} interrupted, checkpoint kept` : `${name} FAILED: ${outcome.message}`;
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least) {
    throw new RangeError(`${name} expected a whole number of at least ${least}, got "${text}"`);
  }
  return number;
}

const here = (path: string): string => relative(process.cwd(), path) || '.';

try {
  process.exitCode = await main();
} catch (error) {
  const { message, code = '' } = error as NodeJS.ErrnoException;
  const isUsage = error instanceof RangeError || code.startsWith('ERR_PARSE_ARGS');
  console.error(`reproduce: ${message}${isUsage ? '\nTry: pnpm reproduce --help' : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}

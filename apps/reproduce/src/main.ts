import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeWhole } from '@pare/cli/whole-file';
import { isOffline } from './data/cache-folder.ts';
import { fetchCaffeAlexnet } from './data/caffe-alexnet.ts';
import { describeResult } from './describe-result.ts';
import { createDisplay, duration } from './display.ts';
import { describeLadder } from './ladder/describe-ladder.ts';
import { isLadder } from './ladder/ladder.ts';
import { ladderJson } from './ladder/ladder-json.ts';
import { findMaterial } from './ladder/material.ts';
import { committedResult, OUT, runName } from './places.ts';
import { type AnyResult, type Job, type Outcome, runJobs } from './pool.ts';
import type { Mode } from './recipe.ts';
import { withPlugins } from './recipe-plugins.ts';
import { type AnyRecipe, bringRecipe, DEFAULT, isRecipeFile, recipeNamed, recipes, WITHOUT_DATA } from './recipes.ts';
import { describeStudy } from './study/describe-study.ts';
import { studyJson } from './study/run-study.ts';
import { isStudy } from './study/study.ts';

const HELP = `Reproduces published compression results: real networks, measured accuracy, one small file each.

Usage: pnpm reproduce [recipe…] [options]        one of these, or a file such as ./my-recipe.ts; without: ${DEFAULT}; with --full or --smoke: all

Recipes
${[...recipes]
  .sort((a, b) => a.name.localeCompare(b.name))
  .map((recipe) => `  ${recipe.name.padEnd(22)} ${recipe.title}`)
  .join('\n')}

Options
  --full        take the time that the best result needs, and compute every row (default: quick, minutes)
  --smoke       seconds, on generated data: shows that everything works, proves nothing
  --rows A,B    of ${DEFAULT}: compute these rows, carry the others
  --resume      go on from where an interrupted run was: what is finished is neither computed nor judged again
  --seed N      another run of chance (default 1)
  --jobs N      recipes at once (default: one per core)
  --plugin NAME also use this plugin package, or file, in recipes that train: its codecs, forms and reporters; repeatable
  --fetch       first fetch bvlc_alexnet.caffemodel (244 MB), unless it is in the data folder or the cache
  --out FOLDER  where results, reports, .pare files and checkpoints go (default apps/reproduce/out)
  --save        also put each result into apps/reproduce/results/<recipe>.<mode>.json
  --json        print {"results": [...]} and nothing else on stdout
  --help        this

Rows of ${DEFAULT}
${rowsHelp()}

SqueezeNets and photographs are looked for in $PARE_DATA, else ../shared/data; without them the ladder is climbed with generated
networks, beside ${WITHOUT_DATA} on digits. MNIST is looked for there and in the cache, then fetched once ($PARE_DATA_URL
overrides from where, PARE_OFFLINE=1 forbids it); without any of these the digits are drawn. Every result says what it is made of.

Exit codes: 0 done (bounds missed are shown, not failures) · 1 a recipe failed · 2 wrong usage · 130 interrupted`;

function rowsHelp(): string {
  const ladder = recipes.find(isLadder);
  return (ladder?.rows ?? [])
    .map(({ id, title, runs }) => `  ${id.padEnd(30)} ${title}${runs === 'full' ? ' (--full)' : ''}`)
    .join('\n');
}

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
      fetch: { type: 'boolean', default: false },
      rows: { type: 'string' },
      plugin: { type: 'string', multiple: true, default: [] },
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
  if (options.full && options.smoke) throw new RangeError('--full and --smoke exclude each other');
  const files = new Map<string, string>();
  const find = async (word: string): Promise<AnyRecipe> => {
    if (!isRecipeFile(word)) return recipeNamed(word);
    const recipe = await bringRecipe(word);
    files.set(recipe.name, resolve(word));
    return recipe;
  };
  const chosen = names.length ? await Promise.all([...new Set(names)].map(find)) : chosenByDefault(options);
  const rows = options.rows?.split(',').filter(Boolean);
  const ladder = chosen.find(isLadder);
  if (rows && !ladder) throw new RangeError(`--rows speaks of ${DEFAULT}, which is not among the recipes`);
  const unknown = rows?.find((id) => !ladder?.rows.some((row) => row.id === id));
  if (unknown !== undefined) throw new RangeError(`--rows: unknown row "${unknown}"; pnpm reproduce --help lists them`);
  await checkPlugins(chosen, options);
  const mode: Mode = options.full ? 'full' : options.smoke ? 'smoke' : 'quick';
  const seed = wholeNumber('--seed', options.seed, 0);
  const atOnce = wholeNumber('--jobs', options.jobs, 1);

  const jobs: Job[] = chosen.map((recipe) => ({
    recipe: recipe.name,
    ...(files.has(recipe.name) && { file: files.get(recipe.name)! }),
    mode,
    seed,
    folder: join(options.out, recipe.name, runName(mode, seed)),
    resume: options.resume,
    plugins: options.plugin,
    ...(rows && isLadder(recipe) && { rows }),
  }));
  const abort = new AbortController();
  process.on('SIGINT', () => {
    if (abort.signal.aborted) process.exit(130);
    console.error('\nstopping at the next step; Ctrl-C again to stop at once');
    abort.abort(new Error('interrupted'));
  });
  process.on('SIGTERM', () => abort.abort(new Error('terminated')));

  if (options.fetch) await fetchAlexnet(abort.signal);
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
  else for (const result of results) console.log(`\n${describe(result)}`);
  for (const { job, ...outcome } of outcomes) {
    if (!('result' in outcome)) continue;
    const saved = committedResult(job.recipe, job.mode, job.seed);
    const worthy = job.mode !== 'smoke' && outcome.result.data.source === 'real';
    if (options.save && !worthy)
      console.error(`${job.recipe}: not saved: only runs on real data, quick or full, are results`);
    else if (options.save) writeWhole(saved, jsonOf(outcome.result));
    if (options.json) continue;
    const isTrained = !('kind' in recipeNamed(job.recipe));
    const files = !isTrained ? ['report.html'] : [`${job.recipe}.pare`, 'report.html'];
    const written = files.map((file) => here(join(job.folder, file)));
    console.log(`\n  ${[...written, ...(options.save && worthy ? [here(saved)] : [])].join('  ')}`);
  }
  if (abort.signal.aborted) {
    console.error(
      `interrupted; go on with: pnpm reproduce ${[...process.argv.slice(2).filter((word) => word !== '--resume'), '--resume'].join(' ')}`,
    );
    return 130;
  }
  return outcomes.every((outcome) => 'result' in outcome) ? 0 : 1;
}

/** @throws RangeError if plugins are named that do not load, or for what makes no use of them */
async function checkPlugins(
  chosen: readonly AnyRecipe[],
  { plugin, save }: { readonly plugin: readonly string[]; readonly save: boolean },
): Promise<void> {
  if (plugin.length === 0) return;
  if (save) throw new RangeError('--save: committed results are those of the recipes alone; leave --plugin out');
  for (const recipe of chosen) {
    if ('kind' in recipe) {
      throw new RangeError(
        `--plugin: "${recipe.name}" trains nothing that plugins could take part in; name other recipes`,
      );
    }
    await withPlugins(recipe, plugin);
  }
}

/** The ladder alone, which says what there is; everything, where time was given or none is needed. */
function chosenByDefault({ full, smoke }: { readonly full: boolean; readonly smoke: boolean }) {
  if (full || smoke) return recipes;
  const names = findMaterial().source === 'real' ? [DEFAULT] : [DEFAULT, WITHOUT_DATA];
  return names.map(recipeNamed);
}

/** Only when asked to; a network that is not there is told, and no reason to do nothing. */
async function fetchAlexnet(signal: AbortSignal): Promise<void> {
  let told = 0;
  const onBytes = (received: number, total = Number.NaN): void => {
    if (received - told < 20e6) return;
    told = received;
    console.error(
      `AlexNet: ${(received / 1e6).toFixed(0)} MB of ${Number.isNaN(total) ? '244' : (total / 1e6).toFixed(0)}`,
    );
  };
  if (isOffline(process.env)) {
    console.error('AlexNet: not fetched, as PARE_OFFLINE forbids it');
    return;
  }
  try {
    await fetchCaffeAlexnet({ signal, onBytes });
    console.error('AlexNet: bvlc_alexnet.caffemodel is here');
  } catch (error) {
    signal.throwIfAborted();
    console.error(
      `AlexNet could not be fetched (${(error as Error).message}): its rows run on generated weights and say so`,
    );
  }
}

function jsonOf(result: AnyResult): string {
  if (!('kind' in result)) return `${JSON.stringify(result, null, 2)}\n`;
  return result.kind === 'study' ? studyJson(result) : ladderJson(result);
}

function describe(result: AnyResult): string {
  const recipe = recipeNamed(result.recipe);
  if (!('kind' in result)) return 'kind' in recipe ? '' : describeResult(recipe, result);
  if (result.kind === 'study') return isStudy(recipe) ? describeStudy(recipe, result) : '';
  return isLadder(recipe) ? describeLadder(recipe, result) : '';
}

function endLine(outcome: Outcome): string {
  const name = outcome.job.recipe.padEnd(21);
  if ('result' in outcome) {
    const { result } = outcome;
    const done = `${name} done in ${duration(result.seconds)}`;
    const real = result.data.source === 'real';
    if ('kind' in result && result.kind === 'ladder') {
      const computed = result.rows.filter(({ state }) => state === 'computed').length;
      const carried = result.rows.length - computed;
      return `${done}: ${computed} rows computed${carried ? `, ${carried} carried` : ''}${real ? '' : ', on generated data'}`;
    }
    const met = result.claims.filter((claim) => claim.met).length;
    const claims = real ? `${met} of ${result.claims.length} claims met` : 'on generated data';
    return 'kind' in result ? `${done}: ${claims}` : `${done}: ${result.sizes.ratio.toFixed(1)}x, ${claims}`;
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

/** Damages small real inputs and hands them to everything that reads bytes: see `--help`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Failure, Outcome } from './fuzz.ts';
import { merged } from './outcome.ts';
import { targets } from './targets/index.ts';
import type { Slice } from './worker.ts';

const HELP = `Reads damaged bytes with everything that reads bytes, and checks that only errors about the data come of it,
each within a second and within the memory that limits allow, and that no object inherits from a file.

Usage: pnpm fuzz [target…] [options]        without a target: all of them

Targets
  ${targets.map(({ name }) => name).join('  ')}

Options
  --runs N   inputs, altogether; default 1,000,000
  --seed N   of the chance in them; default 1
  --from N   number of the first input of each target, to meet one again; default 0
  --workers N  threads; default as many as there are cores
  --json     the result as JSON on stdout
  --help     this

Ctrl-C ends it and tells what came until then.

An input on which a reader fails is printed in base64 with its number: \`pnpm fuzz TARGET --seed S --from NUMBER --runs 1\`
meets it again. Exit codes: 0 nothing failed · 1 something did · 2 wrong usage`;

/** A thread that does not come to its next input for so long hangs. */
const HANG_MS = 20_000;
/** Small enough that threads end at the same time, large enough that starting is nothing. */
const SLICE = 500;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      workers: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [runs, seed, from, workers] = (['runs', 'seed', 'from', 'workers'] as const).map((name) => {
    const number = Number(values[name]);
    if (Number.isSafeInteger(number) && number >= 0) return number;
    throw new RangeError(`--${name} expected a whole number, got "${values[name]}"`);
  }) as [number, number, number, number];

  const began = performance.now();
  const slices = slicesOf(chosen(positionals.filter((word) => word !== '--')), runs, seed, from);
  // What has been found by then is told.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void (slices.length = 0));
  const results = await runAll(slices, Math.max(1, workers), (done) =>
    process.stderr.write(`\r${done.toLocaleString('en')} of ${runs.toLocaleString('en')} inputs `),
  );
  process.stderr.write('\n');
  const failures = results.flatMap((result) => result.failures);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  if (values.json) console.log(JSON.stringify({ seed, seconds, targets: results, failures }, null, 2));
  else report(results, failures, seed, seconds);
  return failures.length > 0 ? 1 : 0;
}

function chosen(names: readonly string[]): readonly { readonly name: string; readonly weight: number }[] {
  const unknown = names.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) {
    throw new RangeError(`unknown target "${unknown}": expected ${targets.map(({ name }) => name).join(', ')}`);
  }
  return targets.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** Shares the runs out by weight; rounding goes up, so that there are at least as many as asked for. */
function slicesOf(
  wanted: readonly { readonly name: string; readonly weight: number }[],
  runs: number,
  seed: number,
  from: number,
): Slice[] {
  const total = wanted.reduce((sum, { weight }) => sum + weight, 0);
  return wanted.flatMap(({ name, weight }) => {
    const share = Math.ceil((runs * weight) / total);
    return Array.from({ length: Math.ceil(share / SLICE) }, (_, i) => ({
      target: name,
      seed,
      from: from + i * SLICE,
      runs: Math.min(SLICE, share - i * SLICE),
    }));
  });
}

/** Hands slices to threads until there are none. */
async function runAll(slices: Slice[], workers: number, onProgress: (done: number) => void): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  let done = 0;
  const take = (outcome: Outcome): void => {
    const before = outcomes.get(outcome.target);
    outcomes.set(outcome.target, before ? merged(before, outcome) : outcome);
    done += outcome.runs;
    onProgress(done);
  };
  const thread = async (): Promise<void> => {
    let worker: FuzzWorker | undefined;
    for (let slice = slices.shift(); slice; slice = slices.shift()) {
      worker ??= await startWorker();
      const outcome = await worker.run(slice);
      take(outcome);
      if (worker.dead) worker = undefined;
    }
    await worker?.stop();
  };
  await Promise.all(Array.from({ length: workers }, thread));
  return targets.flatMap(({ name }) => outcomes.get(name) ?? []);
}

interface FuzzWorker {
  run(slice: Slice): Promise<Outcome>;
  stop(): Promise<unknown>;
  /** Whether it hung or crashed, and another is needed. */
  readonly dead: boolean;
}

async function startWorker(): Promise<FuzzWorker> {
  const shared = new SharedArrayBuffer(4);
  const current = new Int32Array(shared);
  const worker = new Worker(new URL('worker.mjs', import.meta.url), {
    workerData: shared,
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  let dead = false;
  return {
    get dead() {
      return dead;
    },
    stop: () => worker.terminate(),
    run: (slice) =>
      new Promise((resolve) => {
        Atomics.store(current, 0, -1); // until its seeds are made
        const end = (outcome: Outcome): void => {
          clearInterval(watch);
          worker.off('message', end).off('error', fail);
          resolve(outcome);
        };
        const die = (problem: string): void => {
          dead = true;
          void worker.terminate();
          end(stopped(slice, Atomics.load(current, 0), problem));
        };
        const fail = (error: unknown): void => die(`ends its thread: ${error}`);
        let last = -1;
        const watch = setInterval(() => {
          const index = Atomics.load(current, 0);
          if (index === last && index >= 0) die(`hangs for ${HANG_MS} ms`);
          last = index;
        }, HANG_MS);
        worker.on('message', end).on('error', fail);
        worker.postMessage(slice);
      }),
  };
}

/** The rest of the slice is lost, which the count of runs does not hide. */
const stopped = ({ target, from }: Slice, index: number, problem: string): Outcome => ({
  target,
  runs: index - from + 1,
  accepted: 0,
  errors: {},
  slowest: { ms: HANG_MS, index },
  largest: { bytes: 0, index },
  failures: [{ target, index, made: 'made again by its number', problem, base64: '' }],
});

function report(results: readonly Outcome[], failures: readonly Failure[], seed: number, seconds: number): void {
  const rows = results.map(({ target, runs, accepted, errors, slowest, largest }) => ({
    target,
    runs,
    'read without error': accepted,
    'kinds of errors': Object.keys(errors).length,
    'slowest, ms': Math.round(slowest.ms * 10) / 10,
    'most memory, kB': Math.round(largest.bytes / 1000),
    failed: failures.filter((failure) => failure.target === target).length,
  }));
  console.table(rows);
  for (const { target, errors } of results) {
    const sorted = Object.entries(errors).sort((a, b) => b[1] - a[1]);
    console.log(`${target}: ${sorted.map(([code, count]) => `${code} ${count}`).join(' · ')}`);
  }
  // One of each kind.
  const kinds = new Map(
    failures.map((failure) => [`${failure.target} ${failure.problem.replace(/\d+/g, 'N')}`, failure]),
  );
  for (const { target, index, made, problem, base64 } of kinds.values()) {
    console.log(`\nFAILED ${target} ${problem}\n  made of: ${made}`);
    console.log(`  again: pnpm fuzz ${target} --seed ${seed} --from ${index} --runs 1`);
    if (base64) console.log(`  input: ${base64.length > 4000 ? `${base64.slice(0, 4000)}…` : base64}`);
  }
  const runs = results.reduce((sum, result) => sum + result.runs, 0);
  console.log(`\n${runs.toLocaleString('en')} inputs in ${seconds} s, seed ${seed}: ${failures.length} failed`);
}

try {
  process.exitCode = await main();
} catch (error) {
  const usage = error instanceof RangeError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  console.error(usage ? `fuzz: ${(error as Error).message}` : error);
  process.exitCode = usage ? 2 : 1;
}

/**
 * Everything that CI runs, or the part of it that is named: see `--help`.
 *
 * Two steps run at once, unless one needs all cores. Each prints one line at its end; what it has printed itself is shown if it failed. The last line counts: the tests of vitest
 * one by one, every other step as one.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from './_run.mjs';
import { pnpm, ROOT, SKIPPED, tool } from './_workspace.mjs';

const script = (name, ...words) => [process.execPath, join(ROOT, 'scripts', name), ...words];

/** In this order. `seconds` is when a step is killed; `needs` names what must not have failed before it, which is `alone`. */
const steps = [
  { name: 'types', about: 'TypeScript, the whole workspace', fast: true, command: ['npm', 'run', '-s', 'types'] },
  {
    name: 'lint',
    about: 'Biome: style and format',
    fast: true,
    command: tool('biome', 'check', '.', '--error-on-warnings'),
  },
  {
    name: 'floors',
    about: 'dependency-cruiser: imports go down',
    fast: true,
    command: tool('depcruise', 'packages', 'apps', '--output-type', 'err'),
  },
  {
    name: 'dead',
    about: 'knip: nothing unused',
    fast: true,
    command: tool('knip', '--no-config-hints', '--no-progress'),
  },
  {
    name: 'unit',
    about: 'vitest: unit, contract and documentation tests',
    fast: true,
    alone: true,
    seconds: 800,
    vitest: true,
  },
  {
    name: 'build',
    about: 'tsup, every package',
    alone: true,
    seconds: 420,
    command: pnpm('exec', 'turbo', 'run', 'build', '--continue', '--output-logs=errors-only', '--concurrency=2'),
  },
  {
    name: 'packages',
    about: 'publint and attw on the packed packages',
    needs: 'build',
    command: script('packages.mjs'),
  },
  {
    name: 'api',
    about: 'API Extractor: the committed reports are the public API',
    needs: 'build',
    command: script('api.mjs', '--check'),
  },
  {
    name: 'size',
    about: 'size-limit: budgets of what a browser downloads',
    needs: 'build',
    command: tool('size-limit', '--json'),
  },
  { name: 'python', about: 'a second reader of the format, in Python, agrees', command: script('python.mjs') },
  { name: 'smoke', about: 'every recipe for some seconds', command: script('smoke.mjs') },
  {
    name: 'tarballs',
    about: 'packed packages, installed and used in Node',
    needs: 'build',
    command: script('tarballs.mjs'),
  },
  {
    name: 'plugins',
    about: 'a created plugin of each kind: types, contract suite, build, and in pare',
    needs: 'build',
    command: script('plugins.mjs'),
  },
  {
    name: 'browser',
    about: 'packed packages, and created plugins, in headless Chromium',
    seconds: 200,
    needs: 'build',
    command: script('browser.mjs'),
  },
  {
    name: 'page',
    about: 'a network and all that runs it in half a megabyte, in headless Chromium',
    seconds: 150,
    command: script('half-megabyte.mjs'),
  },
];

const HELP = `Tests the workspace.

Usage: pnpm test [step…] [options]        without a step: all of them
       pnpm check                         the fast ones (marked *)

Steps
${steps.map(({ name, fast, about }) => `  ${fast ? '*' : ' '} ${name.padEnd(10)} ${about}`).join('\n')}

Options
  --fast   only the fast steps, without slow tests (*.slow.test.ts)
  --help   this

The browser and page steps are skipped where no Chromium is found (set CHROME_PATH), the python step where no Python 3 is (set PYTHON),
unless CI=true.
Exit codes: 0 all passed · 1 something failed · 2 wrong usage`;

async function main() {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: { fast: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const names = positionals.filter((word) => word !== '--');
  const unknown = names.find((name) => !steps.some((step) => step.name === name));
  if (unknown) throw new RangeError(`unknown step "${unknown}": expected ${steps.map(({ name }) => name).join(', ')}`);
  const chosen = steps.filter(
    (step) => (names.length === 0 || names.includes(step.name)) && (!options.fast || step.fast),
  );

  const total = { passed: 0, failed: 0, skipped: 0 };
  const broken = new Set();
  await inTurn(chosen, async (step) => {
    const start = performance.now();
    const result = broken.has(step.needs) ? failure(`not run: ${step.needs} failed`) : await take(step, options.fast);
    const time = `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(8);
    console.log(`${step.name.padEnd(10)} ${time}  ${verdict(result)}`);
    if (result.failed > 0) {
      broken.add(step.name);
      if (result.output.trim()) console.log(indented(result.output));
    }
    for (const line of result.notes ?? []) console.log(`             ${line}`);
    for (const key of Object.keys(total)) total[key] += result[key];
  });
  const { passed, failed, skipped } = total;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed > 0 ? 1 : 0;
}

/** Runs steps in their order, two at once; those that use all cores by themselves wait for others, and others for them. */
async function inTurn(steps, run) {
  let running = [];
  const one = (step) => {
    if (process.stderr.isTTY) process.stderr.write(`${step.name} …\n`);
    const promise = run(step).then(() => {
      running = running.filter((other) => other !== promise);
    });
    running.push(promise);
    return promise;
  };
  for (const step of steps) {
    if (step.alone) {
      await Promise.all(running);
      await one(step);
    } else {
      if (running.length === 2) await Promise.race(running);
      one(step);
    }
  }
  await Promise.all(running);
}

const failure = (output) => ({ passed: 0, failed: 1, skipped: 0, output });

async function take(step, isFast) {
  if (step.vitest) return unitTests(step.seconds, isFast);
  const { code, stdout, output } = await run(step.command, { seconds: step.seconds ?? 300 });
  const notes = step.name === 'size' ? sizes(stdout) : [];
  if (code === SKIPPED) return { passed: 0, failed: 0, skipped: 1, output, notes: [lastLine(output)] };
  return code === 0
    ? { passed: 1, failed: 0, skipped: 0, output, notes }
    : { ...failure(notes.length > 0 ? '' : output), notes };
}

/** One run over all projects; counted from vitest's own report. A file that cannot be loaded counts as one failure. */
async function unitTests(seconds, isFast) {
  const folder = mkdtempSync(join(tmpdir(), 'pare-vitest-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--silent=passed-only', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
    const scope = isFast ? ['--exclude', '**/*.slow.test.ts'] : [];
    // By itself vitest leaves a core free, of two: whole networks in each worker are the reason for at most four.
    const workers = `--maxWorkers=${Math.min(4, availableParallelism())}`;
    const { code, output } = await run(tool('vitest', 'run', workers, ...reporters, ...scope), { seconds });
    const json = readJson(report);
    if (!json) return failure(output);
    const { numPassedTests: passed, numFailedTests, testResults } = json;
    const unloaded = testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    );
    const failed = numFailedTests + unloaded.length;
    // Anything else that vitest holds against us (an unhandled rejection, for example) is a failure, too.
    const all = testResults.flatMap(({ assertionResults }) => assertionResults);
    const left = all.filter(({ status }) => ['pending', 'skipped', 'todo'].includes(status));
    const notes = left.map(({ fullName }) => `skipped: ${fullName.trim()}`);
    return { passed, failed: Math.max(failed, code === 0 ? 0 : 1), skipped: left.length, output, notes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // The run was killed before it wrote its report.
  }
}

function sizes(stdout) {
  try {
    return JSON.parse(stdout).map(({ name, size, sizeLimit }) => {
      const limit = sizeLimit === undefined ? '' : `  of ${sizeLimit} B`;
      return `${String(size).padStart(6)} B  ${name}${limit}${size > sizeLimit ? '  TOO LARGE' : ''}`;
    });
  } catch {
    return [];
  }
}

function verdict({ passed, failed, skipped }) {
  const counts = [
    passed > 1 && `${passed} passed`,
    failed > 1 && `${failed} failed`,
    passed && skipped && `${skipped} skipped`,
  ];
  const detail = counts.filter(Boolean).join(', ');
  const word = failed > 0 ? 'FAILED' : passed > 0 ? 'ok' : 'skipped';
  return detail ? `${word}  ${detail}` : word;
}

const lastLine = (text) => text.trimEnd().split('\n').at(-1) ?? '';

/** What a failed step printed; of very much, the beginning and the end. */
function indented(output) {
  const lines = output.trim().split('\n');
  const shown =
    lines.length > 400 ? [...lines.slice(0, 200), `… ${lines.length - 400} lines …`, ...lines.slice(-200)] : lines;
  return shown.map((line) => `  | ${line}`).join('\n');
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`test: ${error.message}\nTry: pnpm test --help`);
  process.exitCode = 2;
}

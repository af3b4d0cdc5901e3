import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Example, examplesOf, firstProgram, plain, runnable, withoutTypes } from './documents.ts';

type Words = Record<string, unknown>;

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url));
const packages = readdirSync(PACKAGES).filter((name) => existsSync(join(PACKAGES, name, 'src/index.ts')));
/** What every example may use beside its own package. */
const COMMON = ['core', 'architectures'];

const wordsOf = (file: string): Promise<Words> => import(/* @vite-ignore */ pathToFileURL(file).href);
const indexOf = (name: string): string => join(PACKAGES, name, 'src/index.ts');

describe.each(packages)('examples of %s', (name) => {
  const files = sourcesOf(name)
    .map((file) => ({
      file,
      examples: examplesOf(readFileSync(file, 'utf8')).filter(({ claims }) => claims.length > 0),
    }))
    .filter(({ examples }) => examples.length > 0);
  const words: Words = {};

  beforeAll(async () => {
    const known = [...COMMON.map(indexOf), indexOf(name), ...files.map(({ file }) => file)];
    for (const file of files.length > 0 ? known : []) Object.assign(words, await wordsOf(file));
  });

  for (const { file, examples } of files) {
    test.each(examples)(`${relative(join(PACKAGES, name), file)}:$line`, async (example) => {
      const scope = { ...words, ...(await wordsOf(file)) };
      expect(await resultsOf(example, scope)).toEqual(example.claims.map(({ result }) => plain(result)));
    });
  }
});

describe('the first program of the README prints what it says', () => {
  test.each(packages)('%s', (name) => {
    const folder = join(PACKAGES, name);
    const readme = join(folder, 'README.md');
    expect(existsSync(readme), 'every package has a README').toBe(true);
    const program = firstProgram(readFileSync(readme, 'utf8'));
    expect(program, 'a README has a block ```ts or ```js').toBeDefined();
    expect(program?.output, 'after the first program comes its output: a block ```text').toBeDefined();
    const { code, output } = program!;
    expect(plain(printedBy(code, folder))).toBe(plain(output!));
  });
});

function sourcesOf(name: string): string[] {
  return readdirSync(join(PACKAGES, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|bench|wasm)\.ts$/.test(file))
    .map((file) => join(PACKAGES, name, 'src', file))
    .sort();
}

const AsyncFunction = (async () => {}).constructor as new (
  ...source: string[]
) => (...given: unknown[]) => Promise<void>;

async function resultsOf({ code }: Example, scope: Words): Promise<string[]> {
  const results: string[] = [];
  const claim = async (expression: () => Promise<unknown>): Promise<void> => {
    try {
      results.push(plain(inspect(await expression(), { depth: 9, maxArrayLength: 999, breakLength: 1000 })));
    } catch (error) {
      results.push(`throws ${(error as Error).name}: ${(error as Error).message}`);
    }
  };
  const known = Object.entries(scope).filter(([word]) => word !== 'default'); // of a plugin; no name to call it by
  const program = new AsyncFunction('claim', ...known.map(([word]) => word), runnable(code));
  await program(claim, ...known.map(([, value]) => value));
  return results;
}

/** Runs a program as if it were a file of the package, on the sources of all packages. */
function printedBy(code: string, folder: string): string {
  const program = withoutTypes(code).replace(
    /(from |import\()'(@pare\/[^']+)'/g,
    (_, before, door) => `${before}'${sourceOf(door)}'`,
  );
  const options = ['--conditions=@pare/source', '--import', 'tsx', '--input-type=module', '-'];
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, options, {
    cwd: folder,
    input: program,
    encoding: 'utf8',
    env,
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`the program ended with ${status}\n${stderr}`);
  return stdout;
}

/** The source behind a door such as '@pare/format/decode', so that a program may use more than its package depends on. */
function sourceOf(door: string): string {
  const [, name, path = ''] = /^@pare\/([^/]+)(\/.*)?$/.exec(door)!;
  const { exports } = JSON.parse(readFileSync(join(PACKAGES, name!, 'package.json'), 'utf8'));
  return pathToFileURL(join(PACKAGES, name!, exports[`.${path}`]['@pare/source'])).href;
}

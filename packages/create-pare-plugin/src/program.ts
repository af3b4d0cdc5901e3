import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createPlugin } from './create-plugin.ts';
import { isKind, KINDS, type PluginKind } from './kinds.ts';
import { namesOf } from './names.ts';

const LIST = Object.entries(KINDS)
  .map(([kind, { about }]) => `  ${kind.padEnd(9)} ${about}`)
  .join('\n');

const HELP = `Writes a plugin package for pare, with its contract tests already running.

Usage: npm create pare-plugin my-thing -- --kind stage

Kinds
${LIST}

Options
  --kind KIND    one of these; asked for if it is missing and somebody is there to answer
  --folder PATH  where it goes; default ./pare-plugin-my-thing, which must be empty or absent
  --json         print { folder, package, kind, files } and nothing else on stdout
  --help         this

Exit codes: 0 done · 1 failed · 2 wrong usage · 130 interrupted`;

/** Where words go, from where paths are seen, and how to ask. */
export interface Surroundings {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly folder: string;
  /** Undefined where nobody is there to answer. Resolves to undefined if the answer is to stop. */
  readonly ask?: {
    name(): Promise<string | undefined>;
    kind(): Promise<PluginKind | undefined>;
  };
}

class UsageError extends Error {}

/** Runs the command; resolves to its exit code. */
export async function main(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stderr } = surroundings;
  try {
    return await create(words, surroundings);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isUsage =
      error instanceof UsageError || error instanceof RangeError || String(Object(error).code).startsWith('ERR_PARSE');
    stderr.write(`create-pare-plugin: ${error.message}\n${isUsage ? 'Try: npm create pare-plugin -- --help\n' : ''}`);
    return isUsage ? 2 : 1;
  }
}

async function create(words: readonly string[], { stdout, folder: here, ask }: Surroundings): Promise<number> {
  const { values: options, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      kind: { type: 'string' },
      folder: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (options.help) {
    stdout.write(`${HELP}\n`);
    return 0;
  }
  if (positionals.length > 1) throw new UsageError(`expected one name, got ${positionals.join(' ')}`);
  if (options.kind !== undefined && !isKind(options.kind)) {
    throw new UsageError(`--kind: expected ${Object.keys(KINDS).join(', ')}, got "${options.kind}"`);
  }
  const name = positionals[0] ?? (await ask?.name());
  if (name === undefined && ask) return 130;
  if (name === undefined) throw new UsageError('a name is missing: npm create pare-plugin my-thing');
  const names = namesOf(name);
  const kind = options.kind ?? (await ask?.kind());
  if (kind === undefined && ask) return 130;
  if (kind === undefined) throw new UsageError(`--kind is missing: expected ${Object.keys(KINDS).join(', ')}`);

  const folder = resolve(here, options.folder ?? names.package);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new UsageError(`${folder} is not empty: name another folder by --folder, or empty it`);
  }
  const files = createPlugin(name, kind);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const shown = relative(here, folder) || '.';
  stdout.write(
    options.json
      ? `${JSON.stringify({ folder: shown, package: names.package, kind, files: [...files.keys()] }, null, 2)}\n`
      : `${names.package}, a plugin of the kind ${kind}, in ${shown}:\n\n${[...files.keys()].map((path) => `  ${path}`).join('\n')}\n\nNext\n  cd ${shown}\n  npm install\n  npm test\n`,
  );
  return 0;
}

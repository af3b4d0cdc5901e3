import { relative as relativePath, resolve } from 'node:path';
import { applyDelta, encodeDelta } from '@pare/format/delta';
import type { Command } from 'commander';
import { UsageError } from '../exit.ts';
import { readInput } from '../model-file.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import type { Surroundings } from '../program.ts';
import { grouped, percent } from '../text.ts';
import { writeWhole } from '../whole-file.ts';

interface Options extends CommonOptions {
  readonly output: string;
}

export function addDiff(program: Command, surroundings: Surroundings, end: (code: number) => void): void {
  const command = program
    .command('diff')
    .summary('two .pare files → what turns the old one into the new one')
    .description('Writes a delta: what someone who has the old file needs to get the new one.')
    .argument('<old>', 'the .pare file that is out there')
    .argument('<new>', 'the .pare file that it should become')
    .requiredOption('-o, --output <file>', 'the delta');
  withCommonOptions(command).action(async (old: string, next: string, options: Options) => {
    const [before, after] = await read(surroundings.folder, old, next);
    const delta = located(old, () => encodeDelta(before, after));
    write(delta, options, surroundings, `${percent(delta.length / after.length)} of ${next}`, [old, next]);
    end(0);
  });
}

export function addPatch(program: Command, surroundings: Surroundings, end: (code: number) => void): void {
  const command = program
    .command('patch')
    .summary('old .pare file and delta → new .pare file')
    .description('Makes the new file from the old one and a delta, byte for byte, and checks that it is.')
    .argument('<old>', 'the .pare file that the delta was made for')
    .argument('<delta>', 'what pare diff wrote')
    .requiredOption('-o, --output <file>', 'the new .pare file');
  withCommonOptions(command).action(async (old: string, delta: string, options: Options) => {
    const [before, change] = await read(surroundings.folder, old, delta);
    const next = located(delta, () => applyDelta(before, change));
    write(next, options, surroundings, 'checked', [old, delta]);
    end(0);
  });
}

const read = async (folder: string, ...paths: readonly [string, string]): Promise<[Uint8Array, Uint8Array]> => [
  await readInput(resolve(folder, paths[0])),
  await readInput(resolve(folder, paths[1])),
];

function located<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

function write(
  bytes: Uint8Array,
  { output, json, quiet }: Options,
  { stdout, folder }: Surroundings,
  remark: string,
  inputs: readonly string[],
): void {
  const path = resolve(folder, output);
  if (inputs.some((input) => resolve(folder, input) === path)) {
    throw new UsageError(`--output: ${output} is one of the inputs; name another file`);
  }
  writeWhole(path, bytes);
  if (json) stdout.write(`${JSON.stringify({ output: relativePath(folder, path), bytes: bytes.length }, null, 2)}\n`);
  else if (!quiet) stdout.write(`${relativePath(folder, path)}  ${grouped(bytes.length)} B, ${remark}\n`);
}

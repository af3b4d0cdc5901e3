import { MissingPartError } from '@pare/core';
import { Command, CommanderError } from 'commander';
import { addCompress } from './commands/compress.ts';
import { addConvert } from './commands/convert.ts';
import { addCost } from './commands/cost.ts';
import { addDecode } from './commands/decode.ts';
import { addDiff, addPatch } from './commands/delta.ts';
import { addInspect } from './commands/inspect.ts';
import { addTune } from './commands/tune.ts';
import { addVerify } from './commands/verify.ts';
import { EXIT, UsageError } from './exit.ts';

/** Where a command's words go, and from where paths are seen. */
export interface Surroundings {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: NodeJS.WriteStream;
  readonly folder: string;
}

const EXIT_CODES = `
Exit codes: 0 done · 1 failed, or not verified · 2 wrong usage · 3 the size or error asked for cannot be reached
            130 interrupted (Ctrl-C): files are written beside and renamed, so an old output is as it was`;

/**
 * Runs the command.
 *
 * @param words - the command line without the program's name
 * @returns the exit code
 */
export async function main(
  words: readonly string[],
  { stdout = process.stdout, stderr = process.stderr, folder = process.cwd() }: Partial<Surroundings> = {},
): Promise<number> {
  const surroundings: Surroundings = { stdout, stderr, folder };
  let code: number = EXIT.done;
  const end = (result: number): void => {
    code = result;
  };
  const program = new Command('pare')
    .description('Makes neural networks small: any model file in, one small .pare file out.')
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples
  pare compress model.json -o model.pare                      near-lossless, spending bits where they matter
  pare compress squeezenet.onnx -o s.pare --target-size 400kB
  pare compress squeezenet.onnx -o s.pare --calibration images --max-drop 1    a point of accuracy, seen on images
  pare inspect s.pare --html s.html
  pare verify s.pare --against squeezenet.onnx
  pare cost s.pare --hardware eyeriss                         energy by layer, before and after
  pare cost alexnet                                           what its topology alone tells, on all hardware
  pare decode s.pare -o model.json                            back to tfjs; also .safetensors, .npz, .onnx
${EXIT_CODES}`,
    );
  for (const add of [addCompress, addDecode, addInspect, addVerify, addConvert, addDiff, addPatch, addCost, addTune]) {
    add(program, surroundings, end);
  }
  for (const command of program.commands) command.addHelpText('after', EXIT_CODES);
  const asked = words.filter((word, i) => !(word === '--' && i === 0));
  try {
    await program.parseAsync(asked, { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, surroundings, asked);
  }
}

function explain(error: unknown, { stderr }: Surroundings, words: readonly string[]): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // it has said why
  if (!(error instanceof Error)) throw error;
  stderr.write(`pare: ${error.message}\n`);
  if (error instanceof UsageError) {
    stderr.write(`Try: pare ${words[0]?.startsWith('-') === false ? `${words[0]} ` : ''}--help\n`);
    return EXIT.usage;
  }
  if (lacksPlugin(error)) stderr.write('Try: --plugin with the name of the package that brings it\n');
  if (process.env.PARE_DEBUG) stderr.write(`${error.stack}\n`);
  return 'code' in error && error.code === 'unreachable' ? EXIT.unreachable : EXIT.failed;
}

/** Codecs and forms come from plugins; what a program passes in code, a command line names. */
const lacksPlugin = (error: unknown): boolean =>
  error instanceof Error &&
  ((error instanceof MissingPartError && ['no-decoder', 'no-encoder', 'no-parametrization'].includes(error.code)) ||
    lacksPlugin(error.cause));

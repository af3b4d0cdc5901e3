import { resolve } from 'node:path';
import {
  type CostTable,
  type KernelCost,
  type KernelName,
  kernelsSupported,
  MEASURED,
  tune,
} from '@pare/sparse-kernels';
import type { Command } from 'commander';
import type { CommonOptions } from '../options.ts';
import type { Surroundings } from '../program.ts';
import { progressLine } from '../progress.ts';
import { numberIn } from '../settings.ts';
import { table } from '../text.ts';
import { writeWhole } from '../whole-file.ts';

interface Options extends Pick<CommonOptions, 'json' | 'quiet'> {
  readonly output?: string;
  readonly rounds: string;
}

const NOTE = `
The table that comes with @pare/sparse-kernels was measured on one machine. Where yours weighs dense against sparse kernels otherwise, give
it what this command wrote: createRuntime(bytes, { costs: JSON.parse(text) }), prepareConvolution(kernels, form, shape, { costs }).`;

export function addTune(program: Command, { stdout, stderr, folder }: Surroundings, end: (code: number) => void): void {
  program
    .command('tune')
    .summary('what kernels cost on this machine, for choosing between dense and sparse')
    .description(
      'Measures each kernel of @pare/sparse-kernels for some seconds of one core. Nothing else should run meanwhile.',
    )
    .option('-o, --output <file>', 'write the table as JSON')
    .option('--rounds <n>', 'rounds of which the fastest counts', '15')
    .option('--json', 'print the table as JSON on stdout and nothing else there')
    .option('-q, --quiet', 'no progress, no tables')
    .addHelpText('after', NOTE)
    .action((options: Options) => {
      const rounds = numberIn('--rounds', 1, 1000, { whole: true })(options.rounds);
      if (!kernelsSupported())
        throw new Error('tune: this engine has no WebAssembly with SIMD: there is nothing to measure');
      const progress = progressLine(stderr, options.quiet === true || options.json === true);
      const kernels = Object.keys(MEASURED);
      let step = 0;
      const costs = tune({
        now: () => performance.now(),
        rounds,
        onStep: (kernel) => progress.update(kernel, step++ / kernels.length),
      });
      progress.clear();
      const json = `${JSON.stringify(costs, null, 2)}\n`;
      if (options.output !== undefined) writeWhole(resolve(folder, options.output), json);
      if (options.json) stdout.write(json);
      else if (!options.quiet) stdout.write(`${describe(costs)}\n`);
      end(0);
    });
}

/** Nanoseconds, those of the shipped table in brackets. */
function describe(costs: CostTable): string {
  const both = (own: number, shipped: number): string => `${own.toPrecision(3)} (${shipped.toPrecision(3)})`;
  const row = ([name, own]: [string, KernelCost]): string[] => {
    const shipped = MEASURED[name as KernelName];
    return [name, ...own.perEntry.map((ns, i) => both(ns, shipped.perEntry[i]!)), both(own.perLine, shipped.perLine)];
  };
  return [
    table(
      ['kernel', 'an entry from L2', 'from L3', 'from memory', 'a line'],
      Object.entries(costs).map((entry) => row(entry as [string, KernelCost])),
    ),
    '',
    'nanoseconds on this machine; in brackets those that @pare/sparse-kernels comes with',
  ].join('\n');
}

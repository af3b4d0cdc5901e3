import { resolve } from 'node:path';
import { checkModel, type Model, type Parametrization } from '@pare/core';
import type { Command } from 'commander';
import { EXIT } from '../exit.ts';
import { openModel } from '../model-file.ts';
import { difference, numbersOf, relative } from '../numbers.ts';
import { type CommonOptions, prepare, withCommonOptions } from '../options.ts';
import type { Surroundings } from '../program.ts';
import { numberIn } from '../settings.ts';
import { decibels, grouped, percent, table } from '../text.ts';

interface Options extends CommonOptions {
  readonly against?: string;
  readonly exact?: boolean;
  readonly minSnr?: string;
  readonly from?: string;
}

export function addVerify(program: Command, { stdout, folder }: Surroundings, end: (code: number) => void): void {
  const command = program
    .command('verify')
    .summary('is a .pare file whole? how far is it from the original?')
    .description(
      'Decodes every weight of a .pare file, checksums included, and compares it with the original if there is one.',
    )
    .argument('<file>', 'a .pare file')
    .option('--against <original>', 'a model file of any known format with weights of the same names')
    .option('--exact', 'fail unless every weight is the same')
    .option('--min-snr <db>', 'fail if a weight of two or more extents has a lower signal to noise ratio')
    .option('--from <format>', 'read the original as this format; default: what it looks like');
  withCommonOptions(command).action(async (file: string, options: Options) => {
    const { registry } = await prepare(options, folder);
    const leastSnr = options.minSnr === undefined ? undefined : numberIn('--min-snr', 0, 1000)(options.minSnr);
    const { model, fileBytes } = await openModel(resolve(folder, file), registry, 'pare');
    checkModel(model);
    const numbers = model.weights.reduce((sum, weight) => sum + numbersOf(weight, registry.parametrizations).length, 0);
    const original = options.against && (await openModel(resolve(folder, options.against), registry, options.from));
    const found = original ? compare(original.model, model, registry.parametrizations) : { rows: [], complaints: [] };
    const complaints = [...found.complaints];
    for (const row of found.rows) {
      if (options.exact && row.changed > 0)
        complaints.push(`"${row.name}" differs in ${grouped(row.changed)} of its numbers`);
      else if (leastSnr !== undefined && row.rank > 1 && -20 * Math.log10(row.relativeError) < leastSnr) {
        complaints.push(`"${row.name}" keeps ${decibels(row.relativeError)}, less than ${leastSnr} dB`);
      }
    }
    if ((options.exact || leastSnr !== undefined) && !original)
      complaints.push('nothing to compare with: name the original by --against');
    const signal = found.rows.reduce((sum, row) => sum + row.signal, 0);
    const noise = found.rows.reduce((sum, row) => sum + row.noise, 0);
    const relativeError = relative(signal, noise);
    if (options.json) {
      const weights = found.rows.map(({ signal: _, noise: __, rank: ___, ...row }) => row);
      stdout.write(
        `${JSON.stringify({ file, bytes: fileBytes, weights: model.weights.length, numbers, relativeError: original ? relativeError : null, compared: weights, complaints }, null, 2)}\n`,
      );
    } else if (!options.quiet) {
      if (found.rows.length > 0) {
        stdout.write(
          `${table(
            ['weight', 'error', 'SNR', 'largest change', 'changed'],
            found.rows.map((row) => [
              row.name,
              percent(row.relativeError),
              decibels(row.relativeError),
              row.largest.toExponential(2),
              grouped(row.changed),
            ]),
          )}\n\nall weights: error ${percent(relativeError)}, ${decibels(relativeError)}\n`,
        );
      }
      for (const complaint of complaints) stdout.write(`NOT VERIFIED: ${complaint}\n`);
      if (complaints.length === 0) {
        stdout.write(
          `${file}: whole; ${model.weights.length} weights, ${grouped(numbers)} numbers in ${grouped(fileBytes)} B\n`,
        );
      }
    }
    end(complaints.length > 0 ? EXIT.failed : EXIT.done);
  });
}

function compare(original: Model, decoded: Model, among: readonly Parametrization[]) {
  const byName = new Map(decoded.weights.map((weight) => [weight.name, weight]));
  const complaints: string[] = [];
  const rows = original.weights.flatMap((weight) => {
    const other = byName.get(weight.name);
    if (!other || other.shape.join() !== weight.shape.join()) {
      complaints.push(`"${weight.name}" of the original is ${other ? 'of another shape' : 'missing'} in the file`);
      return [];
    }
    return [
      {
        name: weight.name,
        rank: weight.shape.length,
        ...difference(numbersOf(weight, among), numbersOf(other, among)),
      },
    ];
  });
  const known = new Set(original.weights.map(({ name }) => name));
  for (const { name } of decoded.weights)
    if (!known.has(name)) complaints.push(`"${name}" of the file is not in the original`);
  return { rows, complaints };
}

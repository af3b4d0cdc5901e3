import { basename, dirname, extname, join, relative as relativePath, resolve } from 'node:path';
import type { Exporter, Model, Registry } from '@pare/core';
import { encodeModel } from '@pare/format';
import type { Command } from 'commander';
import { UsageError } from '../exit.ts';
import { openModel } from '../model-file.ts';
import { numbersOf } from '../numbers.ts';
import { type CommonOptions, prepare, withCommonOptions } from '../options.ts';
import type { Surroundings } from '../program.ts';
import { grouped } from '../text.ts';
import { writeWhole } from '../whole-file.ts';

interface Options extends CommonOptions {
  readonly output: string;
  readonly from?: string;
  readonly to?: string;
}

export function addConvert(program: Command, surroundings: Surroundings, end: (code: number) => void): void {
  const command = program
    .command('convert')
    .summary('model file → model file of another format')
    .description('Converts between formats without changing a weight. What the other format cannot hold is named.')
    .argument('<in>', 'a model file of any known format')
    .option('--from <format>', 'read the input as this format; default: what it looks like');
  addOutput(command).action(async (input: string, options: Options) =>
    end(await convert(input, options, surroundings)),
  );
}

/** Adds where to and as what a model is written. */
export const addOutput = (command: Command): Command =>
  withCommonOptions(
    command
      .requiredOption(
        '-o, --output <file>',
        'its extension says the format: .json (tfjs), .safetensors, .npz, .onnx, .pare',
      )
      .option('--to <format>', 'write this format, whatever the extension'),
  );

/** Reads, writes, and says what was lost. */
export async function convert(
  input: string,
  options: Options,
  { stdout, stderr, folder }: Surroundings,
): Promise<number> {
  const { registry } = await prepare(options, folder);
  const path = resolve(folder, input);
  const output = resolve(folder, options.output);
  if (output === path) throw new UsageError(`--output: ${options.output} is the input itself; name another file`);
  const exporter = exporterFor(options, registry);
  const { model, notes: lostInReading } = await openModel(path, registry, options.from);
  const { files, notes: lostInWriting } = await exporter.write(
    exporter.id === 'pare' ? model : withKnownForms(model, registry),
    basename(output, extname(output)),
  );
  const written: { path: string; bytes: number }[] = [];
  [...files].forEach(([name, bytes], i) => {
    const to = i === 0 ? output : join(dirname(output), name);
    writeWhole(to, bytes);
    written.push({ path: relativePath(folder, to), bytes: bytes.length });
  });
  const notes = [...lostInReading, ...lostInWriting];
  if (options.json) stdout.write(`${JSON.stringify({ input, files: written, notes }, null, 2)}\n`);
  else if (!options.quiet) {
    for (const note of notes) stderr.write(`note: ${note}\n`);
    for (const file of written) stdout.write(`${file.path}  ${grouped(file.bytes)} B\n`);
  }
  return 0;
}

/** Other formats know numbers and nothing of a plugin's forms. */
const withKnownForms = (model: Model, { parametrizations }: Registry): Model => ({
  ...model,
  weights: model.weights.map((weight) =>
    ['dense', 'masked', 'shared'].includes(weight.form.kind)
      ? weight
      : { ...weight, form: { kind: 'dense', values: numbersOf(weight, parametrizations) } },
  ),
});

function exporterFor({ output, to }: Options, registry: Registry): Exporter {
  const exporters = [pareExporter(registry), ...registry.exporters];
  const extension = extname(output).slice(1);
  const found = exporters.find((exporter) =>
    to === undefined ? exporter.extension === extension : exporter.id === to,
  );
  if (found) return found;
  const known = exporters.map(({ id, extension }) => `${id} (.${extension})`).join(', ');
  throw new UsageError(
    to === undefined
      ? `--output: no format is written with the extension "${extension}"; there are ${known}; or say --to`
      : `--to: no format "${to}"; there are ${known}, and what --plugin adds`,
  );
}

/** The .pare file, exactly. */
const pareExporter = ({ encoders }: Registry): Exporter => ({
  id: 'pare',
  extension: 'pare',
  async write(model: Model, name) {
    return { files: new Map([[`${name}.pare`, encodeModel(model, { encoders })]]), notes: [] };
  },
});

import { resolve } from 'node:path';
import { describeFile } from '@pare/format';
import type { Command } from 'commander';
import { type Inspection, inspectModel } from '../inspection.ts';
import { inspectionPage } from '../inspection-page.ts';
import { openModel, readInput } from '../model-file.ts';
import { type CommonOptions, prepare, withCommonOptions } from '../options.ts';
import type { Surroundings } from '../program.ts';
import { besideFloat32, extents, grouped, percent, table } from '../text.ts';
import { writeWhole } from '../whole-file.ts';

interface Options extends CommonOptions {
  readonly html?: string;
  readonly from?: string;
}

export function addInspect(
  program: Command,
  { stdout, stderr, folder }: Surroundings,
  end: (code: number) => void,
): void {
  const command = program
    .command('inspect')
    .summary('what is in a model file, weight by weight')
    .description(
      'Shows each weight: shape, density, bits, bytes by stream, and the entropy bound of a coder without context.',
    )
    .argument('<file>', 'a model file of any known format')
    .option('--html <file>', 'also write a page with plots')
    .option('--from <format>', 'read the file as this format; default: what it looks like');
  withCommonOptions(command).action(async (file: string, options: Options) => {
    const { registry } = await prepare(options, folder);
    const path = resolve(folder, file);
    const { model, notes, fileBytes } = await openModel(path, registry, options.from);
    const bytes = await readInput(path);
    const isPare = registry.importers.find(({ id }) => id === 'pare')?.recognizes({ name: file, bytes });
    const description = isPare ? describeFile(bytes, { decoders: registry.decoders }) : undefined;
    const inspection = inspectModel(file, model, fileBytes, description, registry.parametrizations);
    if (options.html !== undefined) writeWhole(resolve(folder, options.html), inspectionPage(inspection));
    if (options.json) stdout.write(`${JSON.stringify({ ...inspection, notes }, null, 2)}\n`);
    else if (!options.quiet) {
      for (const note of notes) stderr.write(`note: ${note}\n`);
      stdout.write(`${describe(inspection)}\n`);
    }
    end(0);
  });
}

function describe({ name, fileBytes, layers, numbers, weights, parts, codecs }: Inspection): string {
  const isFile = parts !== undefined;
  const lines = [
    table(
      [
        'weight',
        'shape',
        'form',
        'density',
        'values',
        'bits each',
        ...(isFile ? ['bytes'] : []),
        'bound',
        ...(isFile ? ['streams'] : []),
      ],
      weights.map((row) => [
        row.name,
        extents(row.shape),
        row.form,
        percent(row.density),
        row.levels === undefined ? '–' : grouped(row.levels),
        ((8 * (row.bytes ?? row.boundBytes)) / Math.max(1, row.count)).toFixed(2),
        ...(row.bytes === undefined ? [] : [row.bytes]),
        row.boundBytes,
        ...(row.bytesByStream
          ? [
              Object.entries(row.bytesByStream)
                .map(([stream, size]) => `${stream} ${grouped(size)}`)
                .join(' · '),
            ]
          : []),
      ]),
    ),
    '',
    `${name ?? 'network'}: ${layers} layers, ${weights.length} weights, ${grouped(numbers)} numbers`,
    `file: ${grouped(fileBytes)} B, ${((8 * fileBytes) / Math.max(1, numbers)).toFixed(3)} bits a number, ${besideFloat32(fileBytes, 4 * numbers)}`,
  ];
  if (parts) {
    lines.push(
      `  ${Object.entries(parts)
        .map(([kind, size]) => `${kind} ${grouped(size)} B`)
        .join(' · ')}`,
    );
    lines.push(
      `  codecs: ${Object.entries(codecs ?? {})
        .map(([codec, count]) => `${codec} ${count}`)
        .join(' · ')}`,
    );
  }
  lines.push('bound: bytes that the order-0 entropy of places and values takes, codebooks not counted');
  return lines.join('\n');
}

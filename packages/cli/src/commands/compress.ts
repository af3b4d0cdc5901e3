import { extname, relative as relativePath, resolve } from 'node:path';
import { type CompressSettings, compressModel } from '@pare/compress';
import { checkModel, type Model } from '@pare/core';
import { decodeModel, describeFile } from '@pare/format';
import { type Command, Option } from 'commander';
import { type Baselines, baselines } from '../baselines.ts';
import { UsageError } from '../exit.ts';
import { readLabels } from '../labels.ts';
import { openModel } from '../model-file.ts';
import { difference, numbersOf, relative } from '../numbers.ts';
import { type CommonOptions, collect, prepare, withCommonOptions } from '../options.ts';
import type { Surroundings } from '../program.ts';
import { progressLine } from '../progress.ts';
import { mergeSettings, numberIn, perWeight } from '../settings.ts';
import { parseSize } from '../size.ts';
import { decibels, extents, bytes as grouped, percent, table, times } from '../text.ts';
import { writeWhole } from '../whole-file.ts';

interface Options extends CommonOptions {
  readonly output?: string;
  readonly from?: string;
  readonly lossless?: readonly (string | true)[] | true;
  readonly targetSize?: string;
  readonly snr?: readonly string[];
  readonly bits?: readonly string[];
  readonly density?: readonly string[];
  readonly biases?: 'float32' | 'float16';
  readonly codebooks?: 'float32' | 'float16';
  readonly coding?: 'small' | 'fast' | 'huffman';
  readonly labels?: string;
  readonly seed?: string;
  readonly dryRun?: boolean;
  readonly baselines: boolean;
}

const NOTE = `
NUMBER may be NAME=NUMBER for one layer, weight, or type of layer (conv2d, dense), and the option repeated; the most special wins:
  --bits 6 --bits dense=5 --bits conv1=8

Without a setting, weights keep about the precision that uint8 would give them (the default of @pare/compress), coded smaller.
Settings in pare.config.ts (\`export default defineConfig({ compress: { … } })\`) hold where the command line says nothing.`;

export function addCompress(
  program: Command,
  { stdout, stderr, folder }: Surroundings,
  end: (code: number) => void,
): void {
  const command = program
    .command('compress')
    .summary('model file → small .pare file')
    .description('Compresses a model file of any known format, without data and without training.')
    .argument('<in>', 'model.json of tfjs, .safetensors, .npz, .onnx, .caffemodel, .prototxt, .h5, .keras, .net, .pare')
    .option('-o, --output <file>', 'default: the input with the extension .pare, in this folder')
    .addOption(
      new Option('--lossless [name]', 'change no weight, or none of this layer or type; repeatable').argParser(
        collectFlag,
      ),
    )
    .option('--target-size <size>', 'of the whole file: 400kB, 1.5MB, 300KiB')
    .addOption(
      new Option('--snr <db>', 'signal to noise ratio that weights keep, in dB; repeatable').argParser(collect),
    )
    .addOption(
      new Option('--bits <n>', 'bits that a plain uniform code would take, 1 to 16; repeatable').argParser(collect),
    )
    .addOption(new Option('--density <d>', 'share of weights kept, 0 to 1, the largest; repeatable').argParser(collect))
    .addOption(new Option('--biases <type>', 'how biases are stored').choices(['float32', 'float16']))
    .addOption(new Option('--codebooks <type>', 'how codebooks are stored').choices(['float32', 'float16']))
    .addOption(
      new Option(
        '--coding <how>',
        'small: smallest file; fast: quickest to decode, smallest decoder; huffman: as in Deep Compression',
      ).choices(['small', 'fast', 'huffman']),
    )
    .option('--from <format>', 'read the input as this format; default: what it looks like')
    .option('--labels <file>', 'names of the answers, carried in the file: a JSON list, or one a line')
    .option('--seed <n>', 'of what is left to chance; default 1')
    .option('--dry-run', 'compress and report, but write nothing')
    .option('--no-baselines', 'do not compute what gzip and brotli make of it (brotli −11 takes a second a megabyte)')
    .addHelpText('after', NOTE);
  withCommonOptions(command).action(async (input: string, options: Options) => {
    const { config, plugins, registry } = await prepare(options, folder);
    const path = resolve(folder, input);
    const output = resolve(folder, options.output ?? `${input.slice(0, input.length - extname(input).length)}.pare`);
    if (output === path)
      throw new UsageError(`--output: ${options.output ?? input} is the input itself; name another file`);
    const settings = mergeSettings(config.compress ?? {}, settingsOf(options));
    const progress = progressLine(stderr, options.quiet === true || options.json === true);
    const { model, notes, fileBytes } = await openModel(path, registry, options.from);
    const labels = options.labels === undefined ? undefined : readLabels(resolve(folder, options.labels));
    checkModel(model);

    const free = options.baselines ? baselines(model) : undefined; // runs beside
    const started = performance.now();
    const { bytes } = await compressModel(model, {
      ...settings,
      ...(labels && { labels }),
      onProgress: ({ phase, done, weight }) => progress.update(weight ? `${phase}: ${weight}` : phase, done),
    });
    const seconds = (performance.now() - started) / 1000;
    progress.update('checking the decoded file', 1);
    const decoders = plugins.flatMap((plugin) => plugin.decoders ?? []);
    const rows = judge(model, bytes, decodeModel(bytes, { decoders }), describeFile(bytes, { decoders }));
    progress.update('comparing with gzip and brotli', 1);
    const compared = await free;
    progress.clear();
    if (!options.dryRun) writeWhole(output, bytes);

    const signal = rows.reduce((sum, row) => sum + row.signal, 0);
    const noise = rows.reduce((sum, row) => sum + row.noise, 0);
    const weights = rows.map(({ signal: _, noise: __, ...row }) => row);
    if (options.json) {
      const written = options.dryRun ? null : relativePath(folder, output);
      const found = {
        input,
        output: written,
        bytes: bytes.length,
        inputBytes: fileBytes,
        seconds,
        relativeError: relative(signal, noise),
        baselines: compared ?? null,
        weights,
        notes,
      };
      stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    } else if (!options.quiet) {
      for (const note of notes) stderr.write(`note: ${note}\n`);
      stdout.write(
        `${weightTable(weights)}\n\n${comparison(bytes.length, relative(signal, noise), compared, fileBytes)}\n\n`,
      );
      const where = relativePath(folder, output) || output;
      stdout.write(
        options.dryRun
          ? `dry run: ${where} not written\n`
          : `${where}  ${grouped(bytes.length)} B in ${seconds.toFixed(1)} s\n`,
      );
    }
    end(0);
  });
}

const collectFlag = (value: string | boolean, before: readonly (string | true)[] = []): readonly (string | true)[] => [
  ...before,
  typeof value === 'string' ? value : true,
];

function settingsOf(options: Options): CompressSettings {
  const { lossless, targetSize, snr, bits, density, biases, codebooks, coding, seed } = options;
  const marks = lossless === undefined ? [] : lossless === true ? [true as const] : lossless;
  return {
    ...(marks.length > 0 && {
      lossless: perWeight(
        '--lossless',
        marks.map((mark) => (mark === true ? 'true' : `${mark}=true`)),
        () => true,
      ),
    }),
    ...(targetSize !== undefined && { targetSize: parseSize('--target-size', targetSize) }),
    ...(snr && { snr: perWeight('--snr', snr, numberIn('--snr', 0, 200)) }),
    ...(bits && { bits: perWeight('--bits', bits, numberIn('--bits', 1, 16)) }),
    ...(density && { density: perWeight('--density', density, numberIn('--density', 0, 1)) }),
    ...(biases && { biases }),
    ...(codebooks && { codebooks }),
    ...(coding && { coding }),
    ...(seed !== undefined && { seed: numberIn('--seed', 0, 2 ** 32 - 1, true)(seed) }),
  };
}

interface JudgedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly density: number;
  readonly bytes: number;
  readonly bitsPerWeight: number;
  readonly relativeError: number;
  readonly codec: string;
}

/** Compares what the file gives with what went in. */
function judge(
  before: Model,
  bytes: Uint8Array,
  after: Model,
  { weights }: ReturnType<typeof describeFile>,
): (JudgedWeight & { signal: number; noise: number })[] {
  if (after.weights.length !== before.weights.length)
    throw new Error(`bug: ${bytes.length} bytes with other weights than went in`);
  return before.weights.map((weight, i) => {
    const described = weights[i]!;
    const was = numbersOf(weight);
    const is = numbersOf(after.weights[i]!);
    const { relativeError, signal, noise } = difference(was, is);
    const kept = is.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
    return {
      name: weight.name,
      shape: weight.shape,
      density: is.length === 0 ? 0 : kept / is.length,
      bytes: described.bytes,
      bitsPerWeight: is.length === 0 ? 0 : (8 * described.bytes) / is.length,
      relativeError,
      codec: described.codec,
      signal,
      noise,
    };
  });
}

const weightTable = (weights: readonly JudgedWeight[]): string =>
  table(
    ['weight', 'shape', 'density', 'bits each', 'bytes', 'error', 'codec'],
    weights.map((row) => [
      row.name,
      extents(row.shape),
      percent(row.density),
      row.bitsPerWeight.toFixed(2),
      row.bytes,
      row.relativeError === 0 ? 'exact' : percent(row.relativeError),
      row.codec,
    ]),
  );

function comparison(size: number, error: number, free: Baselines | undefined, fileBytes: number): string {
  const raw = free?.rawBytes;
  const row = (name: string, bytes: number, relativeError: number) => [
    name,
    bytes,
    raw === undefined ? '–' : times(raw / bytes),
    relativeError === 0 ? 'exact' : percent(relativeError),
    decibels(relativeError),
  ];
  return table(
    ['', 'bytes', 'smaller', 'error', 'SNR'],
    [
      ...(free
        ? [
            row('raw float32', free.rawBytes, 0),
            row('uint8 + gzip −9', free.uint8GzipBytes, free.uint8RelativeError),
            row('uint8 + brotli −11', free.uint8BrotliBytes, free.uint8RelativeError),
          ]
        : [row('input file', fileBytes, 0)]),
      row('pare', size, error),
    ],
  );
}

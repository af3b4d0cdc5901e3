import { extname, relative as relativePath, resolve } from 'node:path';
import { architectureNames } from '@pare/architectures';
import { type CompressSettings, compressModel } from '@pare/compress';
import { checkModel, type Model, type Parametrization, run, seededRandom } from '@pare/core';
import { decodeModel, describeFile } from '@pare/format';
import { type Command, Option } from 'commander';
import { baselines } from '../baselines.ts';
import type { Calibrated } from '../calibration/calibrate.ts';
import { biasNames, judge } from '../compression/judge.ts';
import { comparison, driftTable, weightTable } from '../compression/tables.ts';
import { UsageError } from '../exit.ts';
import { readLabels } from '../labels.ts';
import { builtinEncoders, openModel } from '../model-file.ts';
import { completeNetwork } from '../network.ts';
import { relative } from '../numbers.ts';
import { type CommonOptions, collect, prepare, withCommonOptions } from '../options.ts';
import { readPreprocess } from '../preprocess-file.ts';
import type { Surroundings } from '../program.ts';
import { type ProgressLine, progressLine } from '../progress.ts';
import { reportersFor, reportOf } from '../reports.ts';
import { mergeSettings, numberIn, perWeight } from '../settings.ts';
import { parseSize } from '../size.ts';
import { stagesFor } from '../stages.ts';
import { grouped } from '../text.ts';
import { writeWhole } from '../whole-file.ts';

interface Options extends CommonOptions {
  readonly output?: string;
  readonly from?: string;
  readonly lossless?: readonly (string | true)[] | true;
  readonly targetSize?: string;
  readonly calibration?: string;
  readonly maxDrop?: string;
  readonly maxDrift?: string;
  readonly preprocess?: string;
  readonly architecture?: string;
  readonly snr?: readonly string[];
  readonly bits?: readonly string[];
  readonly density?: readonly string[];
  readonly multiplications?: string;
  readonly biases?: 'float32' | 'float16';
  readonly codebooks?: 'float32' | 'float16';
  readonly coding?: 'small' | 'fast' | 'huffman';
  readonly labels?: string;
  readonly stage?: readonly string[];
  readonly report?: readonly string[];
  readonly seed?: string;
  readonly dryRun?: boolean;
  readonly baselines: boolean;
}

const NOTE = `
NUMBER may be NAME=NUMBER for one layer, weight, or type of layer (conv2d, dense), and the option repeated; the most special wins:
  --bits 6 --bits dense=5 --bits conv1=8

--calibration takes a folder of JPEG and PNG images, with those in the folders in it; labels.json there, if any, says
{ "path": class } or { "path": { "class": class } }. Or an .npz: x [N, C, H, W], or [N, C] for a network of vectors, float32 as the
network takes it or uint8, red first, that is still to be preprocessed; y [N] labels. A fifth of the examples is held back: what is
told of drift, and --max-drop and --max-drift, are measured on it. Without an aim, answers may move by 0.02 nats.
What a network does is in most model files; of files of weights alone, known networks are recognised or named by --architecture.
How images become its input, if its file does not say, --preprocess does in a JSON file, each field optional:
  { "resize": 256, "crop": [224, 224], "channelOrder": "rgb", "scale": 0.0039, "mean": [0.485, 0.456, 0.406], "std": [1, 1, 1] }

--stage ID or ID={"option": 1} runs a stage that a plugin brings before anything is quantised; repeatable, in this order.

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
    .description(
      'Compresses a model file of any known format without training: without data, or better with some that it is to answer.',
    )
    .argument('<in>', 'model.json of tfjs, .safetensors, .npz, .onnx, .caffemodel, .prototxt, .h5, .keras, .net, .pare')
    .option('-o, --output <file>', 'default: the input with the extension .pare, in this folder')
    .addOption(
      new Option('--lossless [name]', 'change no weight, or none of this layer or type; repeatable').argParser(
        collectFlag,
      ),
    )
    .option('--target-size <size>', 'of the whole file: 400kB, 1.5MB, 300KiB')
    .option('--calibration <path>', 'learn what matters from examples: a folder of images, or an .npz')
    .option(
      '--max-drop <points>',
      'with labelled examples: points of top-1 accuracy that may be lost, 1 = one in a hundred',
    )
    .option(
      '--max-drift <nats>',
      'with examples: how far answers may move, mean Kullback–Leibler divergence; default 0.02',
    )
    .option('--preprocess <file>', 'how images become the input, as JSON, for networks whose file does not say')
    .option('--architecture <name>', `what weights alone are: ${architectureNames().join(', ')}`)
    .addOption(
      new Option('--snr <db>', 'signal to noise ratio that weights keep, in dB; repeatable').argParser(collect),
    )
    .addOption(
      new Option('--bits <n>', 'bits that a plain uniform code would take, 1 to 16; repeatable').argParser(collect),
    )
    .addOption(
      new Option(
        '--density <d>',
        'share of weights kept, 0 to 1: the largest, with --calibration those that matter; repeatable',
      ).argParser(collect),
    )
    .option('--multiplications <share>', 'with --calibration: share of the multiplications that is left, 0.05 to 1')
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
    .addOption(
      new Option('--stage <id>', 'first do this to the network, a stage of a plugin; repeatable').argParser(collect),
    )
    .addOption(
      new Option(
        '--report <id>',
        'also write what was found: markdown, or what a plugin brings; ID=FILE; repeatable',
      ).argParser(collect),
    )
    .option('--seed <n>', 'of what is left to chance; default 1')
    .option('--dry-run', 'compress and report, but write nothing')
    .option('--no-baselines', 'do not compute what gzip and brotli make of it (brotli −11 takes a second a megabyte)')
    .addHelpText('after', NOTE);
  withCommonOptions(command).action(async (input: string, options: Options) => {
    const { config, registry } = await prepare(options, folder);
    const path = resolve(folder, input);
    const output = resolve(folder, options.output ?? `${input.slice(0, input.length - extname(input).length)}.pare`);
    if (output === path)
      throw new UsageError(`--output: ${options.output ?? input} is the input itself; name another file`);
    const settings = mergeSettings(config.compress ?? {}, settingsOf(options));
    const preprocess =
      options.preprocess === undefined ? undefined : readPreprocess(resolve(folder, options.preprocess));
    const stages = await stagesFor(registry, config.stages, options.stage);
    const reporters = reportersFor(registry, options.report, output, folder);
    const progress = progressLine(stderr, options.quiet === true || options.json === true);
    const opened = await openModel(path, registry, options.from);
    const completed = completeNetwork(opened.model, {
      architecture: options.architecture,
      preprocess,
      needed: options.calibration !== undefined,
    });
    const original = completed.model;
    const labels = options.labels === undefined ? undefined : readLabels(resolve(folder, options.labels));
    checkModel(original);

    const { decoders, parametrizations } = registry;
    const free = options.baselines ? baselines(original, parametrizations) : undefined; // runs beside
    const started = performance.now();
    const idle: string[] = [];
    let before = original;
    const model = await run(original, stages, {
      random: seededRandom(settings.seed ?? 1),
      onProgress: ({ stage, fraction = 0 }) => progress.update(stage, fraction),
      onStage: (_, stage, after) => {
        if (after.layers === before.layers && after.weights === before.weights) idle.push(stage.name);
        before = after;
      },
    });
    checkModel(model);
    const examples = await calibrated(model, options, settings, folder, parametrizations, progress);
    const { bytes } = await compressModel(model, {
      ...settings,
      encoders: registry.encoders.filter((encoder) => !builtinEncoders.includes(encoder)),
      decoders,
      ...(examples && { calibration: examples.calibration }),
      ...(labels && { labels }),
      onProgress: ({ phase, done, weight }) => progress.update(weight ? `${phase}: ${weight}` : phase, done),
    });
    progress.update('checking the decoded file', 1);
    const decoded = decodeModel(bytes, { decoders });
    const drift = await examples?.calibration.judge(decoded);
    const seconds = (performance.now() - started) / 1000;
    const rows = judge(
      { before: model, original, after: decoded },
      describeFile(bytes, { decoders }),
      parametrizations,
    );
    const notes = [...opened.notes, ...completed.notes, ...(examples?.notes ?? [])];
    for (const stage of idle)
      notes.push(`stage "${stage}" changed nothing: it may not take weights in the forms of this file`);
    if (drift && stages.length > 0) notes.push('drift is against the network as the stages left it');
    if (free) progress.update('comparing with gzip and brotli', 1);
    const compared = await free;
    progress.clear();
    if (!options.dryRun) writeWhole(output, bytes);

    // With examples, biases move on purpose: they make up for what kernels do to the mean of outputs.
    const movedBiases = new Set(examples ? biasNames(model) : []);
    const counted = rows.filter(({ name }) => !movedBiases.has(name));
    const signal = counted.reduce((sum, row) => sum + row.signal, 0);
    const noise = counted.reduce((sum, row) => sum + row.noise, 0);
    const relativeError = relative(signal, noise);
    const weights = rows.map(({ signal: _, noise: __, ...row }) => row);
    const report = reportOf({ title: input, bytes, original, relativeError, weights, drift, compared, notes, seconds });
    for (const { reporter, file } of reporters) if (!options.dryRun) writeWhole(file, reporter.render(report));
    if (options.json) {
      const written = options.dryRun ? null : relativePath(folder, output);
      const found = {
        input,
        output: written,
        bytes: bytes.length,
        inputBytes: opened.fileBytes,
        seconds,
        relativeError,
        ...(examples && drift && { calibration: { examples: examples.count, labelled: examples.labelled, drift } }),
        baselines: compared ?? null,
        weights,
        notes,
      };
      stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    } else if (!options.quiet) {
      for (const note of notes) stderr.write(`note: ${note}\n`);
      stdout.write(
        `${weightTable(weights, movedBiases)}\n\n${comparison(bytes.length, relativeError, compared, report.originalBytes)}\n\n`,
      );
      if (drift) stdout.write(`${driftTable(drift)}\n\n`);
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

/** Reads examples if there are any; only then tfjs is loaded, which takes its time. */
async function calibrated(
  model: Model,
  { calibration: path }: Options,
  { maxDrop, seed = 1 }: CompressSettings,
  folder: string,
  parametrizations: readonly Parametrization[],
  progress: ProgressLine,
): Promise<Calibrated | undefined> {
  if (path === undefined) return undefined;
  const { calibrate } = await import('../calibration/calibrate.ts');
  const found = await calibrate(model, resolve(folder, path), {
    seed,
    parametrizations,
    onProgress: (what, done) => progress.update(what, done),
  });
  if (maxDrop === undefined || found.labelled) return found;
  throw new UsageError(
    `--max-drop: the examples of ${path} have no labels, labels.json in a folder or "y" in an .npz; give --max-drift instead`,
  );
}

const collectFlag = (value: string | boolean, before: readonly (string | true)[] = []): readonly (string | true)[] => [
  ...before,
  typeof value === 'string' ? value : true,
];

function settingsOf(options: Options): CompressSettings {
  const { lossless, targetSize, maxDrop, maxDrift, snr, bits, density, biases, codebooks, coding, seed } = options;
  const { multiplications } = options;
  const aims = { '--target-size': targetSize, '--max-drop': maxDrop, '--max-drift': maxDrift };
  const [aim, other] = Object.entries(aims).flatMap(([option, value]) => (value === undefined ? [] : [option]));
  if (other !== undefined) throw new UsageError(`${aim} and ${other}: expected one of them`);
  if (aim !== undefined && aim !== '--target-size' && options.calibration === undefined) {
    throw new UsageError(`${aim} needs --calibration PATH: only examples tell how far answers move`);
  }
  if (multiplications !== undefined && density !== undefined) {
    throw new UsageError('--multiplications and --density: expected one of them');
  }
  if (multiplications !== undefined && options.calibration === undefined) {
    throw new UsageError('--multiplications needs --calibration PATH: without examples, give --density');
  }
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
    ...(maxDrop !== undefined && { maxDrop: numberIn('--max-drop', 0, 100, { kind: 'points' })(maxDrop) / 100 }),
    ...(maxDrift !== undefined && { maxDrift: numberIn('--max-drift', 1e-6, 100, { kind: 'nats' })(maxDrift) }),
    ...(snr && { snr: perWeight('--snr', snr, numberIn('--snr', 0, 200, NAMED)) }),
    ...(bits && { bits: perWeight('--bits', bits, numberIn('--bits', 1, 16, NAMED)) }),
    ...(multiplications !== undefined && {
      multiplications: numberIn('--multiplications', 0.05, 1)(multiplications),
    }),
    ...(density && { density: perWeight('--density', density, numberIn('--density', 0, 1, NAMED)) }),
    ...(biases && { biases }),
    ...(codebooks && { codebooks }),
    ...(coding && { coding }),
    ...(seed !== undefined && { seed: numberIn('--seed', 0, 2 ** 32 - 1, { whole: true })(seed) }),
  };
}

const NAMED = { named: true } as const;

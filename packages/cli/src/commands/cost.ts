import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { architectureNamed, architectureNames } from '@pare/architectures';
import type { HardwareModel, Model, Registry, Workload } from '@pare/core';
import { modelWorkloads, readLayerTable, workloadsOf, writeLayerTable } from '@pare/hardware';
import type { Command } from 'commander';
import { costPage } from '../cost/cost-page.ts';
import { type CostReport, describeCost } from '../cost/describe-cost.ts';
import { estimate } from '../cost/estimate.ts';
import { UsageError } from '../exit.ts';
import { openModel } from '../model-file.ts';
import { completeNetwork } from '../network.ts';
import { numbersOf } from '../numbers.ts';
import { type CommonOptions, collect, prepare, withCommonOptions } from '../options.ts';
import { readPreprocess } from '../preprocess-file.ts';
import type { Surroundings } from '../program.ts';
import { numberIn } from '../settings.ts';
import { writeWhole } from '../whole-file.ts';

interface Options extends CommonOptions {
  readonly hardware?: readonly string[];
  readonly batch: string;
  readonly bits?: string;
  readonly calibration?: string;
  readonly architecture?: string;
  readonly preprocess?: string;
  readonly from?: string;
  readonly html?: string;
  readonly table?: string;
}

export function addCost(program: Command, { stdout, stderr, folder }: Surroundings, end: (code: number) => void): void {
  const command = program
    .command('cost')
    .summary('what a network costs on hardware: energy, time, memory')
    .description(
      `Prices a network on hardware, before and after compression. The network is a model file, a table of layers (.csv), or, for what
a topology alone tells, one of ${architectureNames().join(', ')}.`,
    )
    .argument('<model>', 'a model file, a .csv of 25 columns, or the name of a network')
    .option(
      '--hardware <name>',
      'eie, eyeriss, cpu, gpu, mgpu, fpga, asic, or of a plugin; repeatable; default: all, a line each',
      collect,
    )
    .option('--batch <n>', 'examples computed together', '1')
    .option('--bits <n>', "bits of weights and activations; default: the hardware's own")
    .option('--calibration <path>', 'a folder of images or an .npz, on which zeros of activations are counted')
    .option('--architecture <name>', 'what weights alone are')
    .option('--preprocess <file>', 'how examples become the input, as JSON')
    .option('--from <format>', 'read the file as this format; default: what it looks like')
    .option('--html <file>', 'also write a page with plots')
    .option('--table <file>', "also write the layers as a table of MIT's energy estimation tool");
  withCommonOptions(command).action(async (asked: string, options: Options) => {
    const { registry } = await prepare(options, folder);
    const batch = numberIn('--batch', 1, 1e6, { whole: true })(options.batch);
    const whole = options.table !== undefined; // the table has no other
    const bits = options.bits === undefined ? 0 : numberIn('--bits', 1, 32, { whole })(options.bits);
    const hardware = hardwareOf(options.hardware ?? [], registry);
    const progress = (text: string) => options.quiet || options.json || stderr.write(`${text}\n`);
    const { works, ...about } = await networkOf(asked, options, { registry, folder, batch, bits, progress });
    const compressed = about.from === 'weights' || works.some(({ weightDensity }) => weightDensity < 1);
    const report: CostReport = {
      ...about,
      batch: works[0]?.batch ?? batch,
      hardware: hardware.map((each) => estimate(each, works, compressed)),
    };
    if (options.html !== undefined) writeWhole(resolve(folder, options.html), costPage(report));
    if (options.table !== undefined) {
      const inBits = works.map((work) => ({
        ...work,
        weightBits: work.weightBits || 16,
        activationBits: work.activationBits || 16,
      }));
      writeWhole(resolve(folder, options.table), writeLayerTable(inBits));
    }
    if (options.json) stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else if (!options.quiet) stdout.write(`${describeCost(report)}\n`);
    end(0);
  });
}

function hardwareOf(names: readonly string[], { hardware }: Registry): readonly HardwareModel[] {
  if (names.length === 0) return hardware;
  return names.map((name) => {
    const found = hardware.find((each) => each.name === name);
    if (found) return found;
    throw new UsageError(`--hardware expected one of ${hardware.map((each) => each.name).join(', ')}, got "${name}"`);
  });
}

interface Asked {
  readonly registry: Registry;
  readonly folder: string;
  readonly batch: number;
  readonly bits: number;
  readonly progress: (text: string) => void;
}

type Network = Pick<CostReport, 'network' | 'from' | 'activations' | 'notes'> & { readonly works: readonly Workload[] };

async function networkOf(
  asked: string,
  options: Options,
  { registry, folder, batch, bits, progress }: Asked,
): Promise<Network> {
  const path = resolve(folder, asked);
  const settings = { batch, weightBits: bits, activationBits: bits };
  const isTable = /\.csv$/i.test(asked) && options.from === undefined; // --from names the importer of another sort of .csv
  const isTopology = architectureNames().includes(asked) && !existsSync(path);
  if ((isTable || isTopology) && options.calibration !== undefined) {
    throw new UsageError('--calibration: a topology alone computes nothing; name a model file');
  }
  if (isTopology) {
    const works = workloadsOf(architectureNamed(asked).layers(), settings);
    return { network: asked, from: 'topology', activations: 'assumed', works, notes: [] };
  }
  if (isTable) {
    const works = readLayerTable(readText(path));
    checkBatches(asked, works);
    return {
      network: basename(asked),
      from: 'topology',
      activations: 'told',
      works,
      notes: ['batch and bits are those of the table'],
    };
  }
  const opened = await openModel(path, registry, options.from);
  const { model, notes } = completeNetwork(opened.model, {
    architecture: options.architecture,
    preprocess: options.preprocess === undefined ? undefined : readPreprocess(resolve(folder, options.preprocess)),
    needed: true,
    neededBy: 'cost',
  });
  const densities =
    options.calibration && (await measured(model, resolve(folder, options.calibration), registry, progress));
  const works = modelWorkloads(model, { ...settings, ...(densities && { densities }) }, (form, name) =>
    Float32Array.from(numbersOf({ name, shape: [], form }, registry.parametrizations)),
  );
  if (works.length === 0) throw nothingToPrice(asked);
  return {
    network: model.name ?? basename(asked),
    from: 'weights',
    activations: densities ? 'measured' : 'assumed',
    works,
    notes: [...opened.notes, ...notes],
  };
}

const nothingToPrice = (asked: string): UsageError =>
  new UsageError(`${asked}: no layer with a kernel is known in it: nothing to price`);

/** What an example of a batch costs can be told only if all layers have the same batch. */
function checkBatches(asked: string, works: readonly Workload[]): void {
  const [first] = works;
  if (!first) throw nothingToPrice(asked);
  const other = works.find(({ batch }) => batch !== first.batch);
  if (other) {
    throw new UsageError(
      `${asked}: "input maps" expected ${first.batch} in all lines, as in the first, got ${other.batch} in that of "${other.layer.name}"`,
    );
  }
  if (first.batch === 0) throw new UsageError(`${asked}: "input maps" expected at least 1, got 0: nothing to price`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Only where examples are given: brings tfjs and decoders of images. */
async function measured(model: Model, path: string, registry: Registry, progress: (text: string) => void) {
  const { measureDensities } = await import('../cost/measure.ts');
  return measureDensities(model, path, registry.parametrizations, progress);
}

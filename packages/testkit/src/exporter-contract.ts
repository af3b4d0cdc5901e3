import type { Exporter, Importer, Model } from '@pare/core';
import { type ContractCase, demand, describeContract } from './contract.ts';
import { type BuiltInKind, denseValues } from './forms.ts';
import { sourceOf } from './importer-contract.ts';
import { hardModels, smallNetwork } from './models.ts';
import { difference } from './same.ts';

export interface ExporterContractOptions {
  /** Reads what was written, so that numbers can be compared; default none, and they are not. */
  readonly importer?: Importer;
  /** Models to try besides those of the house. */
  readonly models?: readonly Model[];
}

const KINDS: readonly BuiltInKind[] = ['dense', 'masked', 'shared'];
const NAME = 'my-net';

/** Registers the contract of exporters with vitest. */
export function describeExporter(name: string, exporter: Exporter, options: ExporterContractOptions = {}): void {
  describeContract(`exporter ${name}`, exporterContract(exporter, options));
}

/** The contract of exporters, as plain functions. */
export function exporterContract(
  exporter: Exporter,
  { importer, models = [] }: ExporterContractOptions = {},
): readonly ContractCase[] {
  /** What it writes of each model that it does not refuse. */
  const onModels = async (check: (tried: Tried, what: string) => void | Promise<void>): Promise<void> => {
    const own = models.map((value, i) => ({ name: `the model ${i} of your own`, value }));
    for (const { name, value: before } of [...hardModels(KINDS), ...own]) {
      const model = structuredClone(before);
      const written = await exporter.write(model, NAME).catch((error: unknown) => {
        demand(error instanceof RangeError, () => `${name}: expected files or a RangeError, got ${error}`);
      });
      if (written) await check({ ...written, model, before }, name);
    }
  };

  return [
    {
      name: 'has an id and an extension that a command line can take',
      check() {
        demand(/^[a-z0-9][a-z0-9-]*$/.test(exporter.id), () => `"id" expected like my-format, got ${exporter.id}`);
        const { extension } = exporter;
        demand(/^[a-z0-9_]+$/.test(extension), () => `"extension" expected like npz, got ${extension}`);
      },
    },
    {
      name: 'writes each model or refuses it with a RangeError, and its first file has the name that was asked for',
      check: () =>
        onModels(({ files }, what) => {
          const [first] = files.keys();
          const expected = `${NAME}.${exporter.extension}`;
          demand(first === expected, () => `${what}: expected the first file to be ${expected}, got ${first}`);
          const outside = [...files.keys()].find((file) => /^\/|\\|(^|\/)\.\.(\/|$)/.test(file));
          demand(outside === undefined, () => `${what}: expected names within a folder, got ${outside}`);
        }),
    },
    {
      name: 'refuses no form of the house: what compression makes is masked and shared',
      async check() {
        for (const kind of KINDS) {
          await exporter.write(smallNetwork({ kind }), NAME).catch((cause: unknown) => {
            throw new Error(`${kind} kernels were refused: ${cause}`, { cause });
          });
        }
      },
    },
    {
      name: 'says in sentences what it leaves out',
      check: () =>
        onModels(({ notes }, what) => {
          const wrong = notes.find((note: unknown) => typeof note !== 'string' || note.trim() === '');
          demand(wrong === undefined, () => `${what}: expected notes of text, got ${JSON.stringify(wrong)}`);
        }),
    },
    {
      name: 'repeats itself, and leaves the model as it was',
      check: () =>
        onModels(async ({ files, notes, model, before }, what) => {
          const again = await exporter.write(model, NAME);
          const differs =
            difference([...files], [...again.files], 'files') ??
            difference(notes, again.notes, 'notes') ??
            difference(before, model, 'model');
          demand(differs === undefined, () => `${what}: ${differs}`);
        }),
    },
    ...(importer
      ? [
          {
            name: 'is read back, number by number, the signs of zeros aside',
            check: () =>
              onModels(async ({ files, before }, what) => {
                const { model } = await importer.read(sourceOf(files));
                const read = new Map(model.weights.map((weight) => [weight.name, weight]));
                for (const { name, shape, form } of before.weights) {
                  const found = read.get(name);
                  demand(found !== undefined, () => `${what}: "${name}" is not read back, only ${[...read.keys()]}`);
                  const [one, other] = [form, found.form].map((each) => denseValues(each).map((value) => value + 0));
                  const differs = difference({ shape, numbers: one }, { shape: found.shape, numbers: other }, name);
                  demand(differs === undefined, () => `${what}: ${differs}`);
                }
              }),
          },
        ]
      : []),
  ];
}

/** What was written of a model, the model as the exporter left it, and as it was. */
interface Tried extends Awaited<ReturnType<Exporter['write']>> {
  readonly model: Model;
  readonly before: Model;
}

/** Plugins that `create-pare-plugin` wrote, one of each kind, at work in a page. */
import { initialize, lenet300 } from '@pare/architectures';
import { createRegistry, createStage, run, seededRandom } from '@pare/core';
import { decodeModel, encodeModel, encodersFor } from '@pare/format';
import { modelWorkloads, networkCost } from '@pare/hardware';
import { importModel, memorySource } from '@pare/interop';
import { magnitudePrune } from '@pare/pruning';
import codec from 'pare-plugin-mine-codec';
import form from 'pare-plugin-mine-form';
import hardware from 'pare-plugin-mine-hardware';
import importer from 'pare-plugin-mine-importer';
import reporter from 'pare-plugin-mine-reporter';
import stage from 'pare-plugin-mine-stage';

/** Resolves to what each of them did; throws if one of them fails. */
export async function usePlugins() {
  const { stages, encoders, decoders, importers, exporters, reporters, ...rest } = createRegistry([
    ...[codec, form, hardware, importer, reporter, stage],
  ]);
  const random = seededRandom(1);
  const model = initialize(lenet300(), random);

  const rounded = await run(model, [await createStage(stages, 'mine-stage', { bits: 3 })], { random });
  const values = new Set(rounded.weights[0].form.values.map(Math.abs));

  const signed = await run(model, [await createStage(stages, 'mine-form')], { random });
  const file = encodeModel(signed, { encoders: [...encodersFor.fast, ...encoders] });
  const again = decodeModel(file, { decoders }).weights[0].form;

  const pruned = await run(model, [magnitudePrune({ keep: 0.1 })], { random });
  const codecOnly = encoders.filter(({ kind }) => kind === 'masked');
  const dense = encodersFor.fast.filter(({ kind }) => kind !== 'masked');
  const masked = decodeModel(encodeModel(pruned, { encoders: [...codecOnly, ...dense] }), { decoders });

  const { files } = await exporters[0].write(rounded, 'net');
  const imported = await importModel(memorySource(files), { importers });

  const report = { title: 'net', bytes: file.length, originalBytes: 1, beside: [], weights: [], facts: [], notes: [] };
  return {
    stage: values.size < 200,
    form: again.kind === 'mine-form' && again.signs.length === 235_200,
    codec: masked.weights[0].form.mask.every((bit, i) => bit === pruned.weights[0].form.mask[i]),
    importer: imported.model.weights.length,
    hardware: networkCost(rest.hardware[0], modelWorkloads(model)).energyPj > 1e6,
    reporter: reporters[0].render(report).startsWith('weight,'),
  };
}

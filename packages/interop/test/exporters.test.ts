import { describeExporter } from '@pare/testkit';
import { exporters, importers } from '../src/index.ts';

for (const exporter of exporters) {
  const importer = importers.find(({ id }) => id === (exporter.id === 'tfjs' ? 'tfjs-layers' : exporter.id));
  if (!importer) throw new Error(`nothing reads what ${exporter.id} writes`);
  describeExporter(exporter.id, exporter, { importer });
}

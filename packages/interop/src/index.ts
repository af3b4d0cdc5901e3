export { exporters } from './exporters.ts';
export { findImporter, type ImportOptions, importModel } from './import-model.ts';
export { importers } from './importers.ts';
export { memorySource, openSource, type SourceOptions } from './source.ts';

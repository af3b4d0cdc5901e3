export { type Compressed, compressModel } from './compress.ts';
export type { CompressReport, WeightReport } from './report.ts';
export { type CompressProgress, type CompressSettings, DEFAULT_SNR } from './settings.ts';

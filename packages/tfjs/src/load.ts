// A door of its own: a page that loads a network needs no trainer, and tfjs only to run it.
export type { PareCache } from './load/cache.ts';
export { type LoadProgress, type PareFile, type PareFileOptions, pareFile } from './load/pare-file.ts';
export type { PareSource } from './load/source.ts';

export type { PareOptions } from './options.ts';
export { type BuildContext, type DevServer, type ParePlugin, pare } from './plugin.ts';

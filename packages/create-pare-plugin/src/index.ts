export { createPlugin } from './create-plugin.ts';
export { isKind, KINDS, type Kind, type PluginKind } from './kinds.ts';
export { type Names, namesOf } from './names.ts';

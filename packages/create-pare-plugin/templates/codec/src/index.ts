export { decoder, encoder } from './my-thing.ts';
export { default } from './plugin.ts';

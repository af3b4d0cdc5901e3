export { myThing } from './my-thing.ts';
export { default } from './plugin.ts';

export { keepBits, type MyThingOptions, myThing } from './my-thing.ts';
export { default } from './plugin.ts';

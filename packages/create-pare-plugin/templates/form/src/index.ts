export { decoder, encoder } from './codec.ts';
export { type MyThing, myThing, parametrization, toSigns } from './my-thing.ts';
export { default } from './plugin.ts';

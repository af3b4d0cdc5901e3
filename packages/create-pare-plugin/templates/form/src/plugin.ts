import { definePlugin, defineStage, type Plugin } from '@pare/core';
import { decoder, encoder } from './codec.ts';
import { myThing, parametrization } from './my-thing.ts';

/** What this package adds to `pare`: a form, how it is trained and written, and a stage that brings weights into it. */
const plugin: Plugin = definePlugin({
  name: 'pare-plugin-my-thing',
  apiVersion: 1,
  stages: [
    defineStage({ id: 'my-thing', about: 'Keeps the sign of each number, and one size for all.', create: myThing }),
  ],
  parametrizations: [parametrization],
  encoders: [encoder],
  decoders: [decoder],
});

export default plugin;

import { definePlugin, type Plugin } from '@pare/core';
import { decoder, encoder } from './my-thing.ts';

/** What this package adds to `pare`: a codec that competes with others for masked weights, and the decoder for it. */
const plugin: Plugin = definePlugin({
  name: 'pare-plugin-my-thing',
  apiVersion: 1,
  encoders: [encoder],
  decoders: [decoder],
});

export default plugin;

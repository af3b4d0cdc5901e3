import { definePlugin, type Plugin } from '@pare/core';
import { myThing } from './my-thing.ts';

/** What this package adds to `pare`: `pare compress net.onnx --plugin pare-plugin-my-thing --report my-thing`. */
const plugin: Plugin = definePlugin({ name: 'pare-plugin-my-thing', apiVersion: 1, reporters: [myThing] });

export default plugin;

import { definePlugin, type Plugin } from '@pare/core';
import { myThing } from './my-thing.ts';

/** What this package adds to `pare`: `pare cost net.onnx --plugin pare-plugin-my-thing --hardware my-thing`. */
const plugin: Plugin = definePlugin({ name: 'pare-plugin-my-thing', apiVersion: 1, hardware: [myThing()] });

export default plugin;

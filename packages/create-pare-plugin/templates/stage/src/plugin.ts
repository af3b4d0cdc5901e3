import { definePlugin, defineStage, type Plugin } from '@pare/core';
import * as v from 'valibot';
import { myThing } from './my-thing.ts';

/** What this package adds to `pare`: `--plugin pare-plugin-my-thing --stage my-thing={"bits":4}`. In code, import `myThing`. */
const plugin: Plugin = definePlugin({
  name: 'pare-plugin-my-thing',
  apiVersion: 1,
  stages: [
    defineStage({
      id: 'my-thing',
      about: 'Rounds numbers to a few significant bits.',
      options: v.strictObject({ bits: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(23)) }),
      create: myThing,
    }),
  ],
});

export default plugin;

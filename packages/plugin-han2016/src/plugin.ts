import { definePlugin, type Plugin } from '@pare/core';
import { han2016 } from './importer.ts';

/** What this package adds to the command line. */
export const plugin: Plugin = /* @__PURE__ */ definePlugin({
  name: '@pare/plugin-han2016',
  apiVersion: 1,
  importers: [/* @__PURE__ */ han2016()],
});

import { definePlugin, type Plugin } from '@pare/core';
import { exporter, importer } from './my-thing.ts';

/** What this package adds to `pare`: files of a format are read, and written by their extension. */
const plugin: Plugin = definePlugin({
  name: 'pare-plugin-my-thing',
  apiVersion: 1,
  importers: [importer],
  exporters: [exporter],
});

export default plugin;

export { exporter, importer } from './my-thing.ts';
export { default } from './plugin.ts';

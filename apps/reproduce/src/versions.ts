import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const versionOf = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;

/** The versions of what a result depends on. */
export const versions = (): Readonly<Record<string, string>> => ({
  node: process.versions.node,
  v8: process.versions.v8,
  '@tensorflow/tfjs-core': versionOf('@tensorflow/tfjs-core'),
  '@tensorflow/tfjs-backend-wasm': versionOf('@tensorflow/tfjs-backend-wasm'),
  '@pare/format': versionOf('@pare/format'),
  '@pare/tfjs': versionOf('@pare/tfjs'),
});

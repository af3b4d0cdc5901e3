import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
// @ts-expect-error: a script of the build, without types
import * as build from '../scripts/build-wasm.mjs';

interface Module {
  readonly source: string;
  readonly target: string;
}
const { modules, compile } = build as { modules: Module[]; compile: (module: Module) => Promise<string> };

test.each(modules)('$target is what $source compiles to', async (module) => {
  const committed = await readFile(new URL(`../${module.target}`, import.meta.url), 'utf8');
  expect(await compile(module)).toBe(committed);
});

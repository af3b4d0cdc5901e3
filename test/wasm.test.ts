import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
// @ts-expect-error: a script of the build, without types
import * as build from '../scripts/build-wasm.mjs';

interface Module {
  readonly package: string;
  readonly source: string;
}
const { modulesOf, compile, targetOf } = build as {
  modulesOf: () => Promise<Module[]>;
  compile: (module: Module) => Promise<string>;
  targetOf: (module: Module) => URL;
};

test.each(await modulesOf())('@pare/$package: the committed module is what $source compiles to', async (module) => {
  // Not toBe: nobody wants to read the difference.
  const same = (await compile(module)) === (await readFile(targetOf(module), 'utf8'));
  expect(same, `run: pnpm wasm ${module.package}`).toBe(true);
});

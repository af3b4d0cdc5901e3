import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
// @ts-expect-error: a script of the build, without types
import * as build from '../scripts/build-wasm.mjs';

const { source, target, compile } = build as { source: string; target: string; compile: () => Promise<string> };

test(`${target} is what ${source} compiles to`, async () => {
  expect(await compile()).toBe(await readFile(new URL(`../${target}`, import.meta.url), 'utf8'));
});

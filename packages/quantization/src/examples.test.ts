import { readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { seededRandom } from '@pare/core';
import { describe, expect, test } from 'vitest';
import * as clustering from './clustering.ts';
import * as quantization from './index.ts';
import { linearInitAroundZero, startCentroids } from './init.ts';
import { lloyd } from './lloyd.ts';
import { sortFloats } from './sort.ts';

const words = { ...quantization, ...clustering, seededRandom, linearInitAroundZero, startCentroids, lloyd, sortFloats };
const here = new URL('.', import.meta.url);
const files = readdirSync(here).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));

/** Runs JavaScript that knows the package's words. */
const evaluate = (code: string, more: Record<string, unknown> = {}): unknown =>
  new Function(...Object.keys(words), ...Object.keys(more), code)(...Object.values(words), ...Object.values(more));

/** Prints a value on one line; typed arrays without their lengths. */
const printed = (value: unknown): string =>
  inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 9, maxArrayLength: 99 })
    .replace(/(\w+Array)\(\d+\) \[ ?/g, '$1 [')
    .replace(/ \]/g, ']')
    .replace(/^\[ /, '[');

describe.each(files)('%s', (file) => {
  const source = readFileSync(new URL(file, here), 'utf8');
  const examples = [...source.matchAll(/@example\n((?: \* [^@\n].*\n)+)/g)].flatMap(([, lines]) =>
    [...lines!.matchAll(/^ \* (.+) \/\/ (.+)$/gm)].map(([, code, result]) => [code!, result!] as const),
  );
  test.skipIf(examples.length === 0)('examples give what they say', () => {
    for (const [code, result] of examples) expect(printed(evaluate(`return ${code}`))).toBe(result);
  });
});

test('the first program of the README prints what it says', () => {
  const readme = readFileSync(new URL('../README.md', here), 'utf8');
  const [, program, output] = /```js\n([\s\S]+?)```\n+```text\n([\s\S]+?)```/.exec(readme)!;
  const lines: string[] = [];
  const console = {
    log: (...values: unknown[]) => lines.push(values.map((v) => (typeof v === 'string' ? v : printed(v))).join(' ')),
  };
  evaluate(program!.replace(/^import .*$/gm, ''), { console });
  expect(lines).toEqual(output!.trimEnd().split('\n'));
});

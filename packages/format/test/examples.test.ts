import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

// Runs what the docstrings and the README promise.

const source = new URL('../src/', import.meta.url);
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (f) => f.endsWith('.ts') && !f.endsWith('.test.ts'),
);
// The index last: its `decodeModel` brings all decoders, that of a smaller door does not.
const modules = Object.assign(
  {},
  ...(await Promise.all([...files, 'index.ts'].map((file) => import(new URL(file, source).href)))),
);
const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<unknown>;

/** `Uint8Array [1, 2]`, as results are written, becomes an expression. */
const asExpression = (result: string): string => result.replace(/(\w+Array) \[([^\]]*)\]/g, '$1.of($2)');

for (const file of files) {
  const text = readFileSync(new URL(file, source), 'utf8');
  const examples = [...text.matchAll(/@example\n((?: *\* [^@].*\n)+)/g)].map((match) =>
    match[1]!.replace(/^ *\* /gm, ''),
  );
  if (examples.length === 0) continue;
  describe(file, () => {
    test.each(examples)('%s', async (example) => {
      const lines = example.trim().split('\n');
      const [, last, result] = /^(.*?) \/\/ (.*)$/.exec(lines.pop()!)!;
      const run = new AsyncFunction(
        ...Object.keys(modules),
        `${lines.join('\n')}\nreturn [(${last}), (${asExpression(result!)})];`,
      );
      const [actual, expected] = (await run(...Object.values(modules))) as [unknown, unknown];
      expect(actual).toEqual(expected);
    });
  });
}

test('the first block of the README prints what the second says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, program, output] = /```ts\n(.*?)```\s+```text\n(.*?)```/s.exec(readme)!;
  const body = program!.replace(/^import .*$/gm, '').replace(/console\.log/g, 'print');
  const lines: string[] = [];
  const print = (...words: unknown[]) => lines.push(words.join(' '));
  await new AsyncFunction(...Object.keys(modules), 'print', body)(...Object.values(modules), print);
  expect(`${lines.join('\n')}\n`).toBe(output);
});

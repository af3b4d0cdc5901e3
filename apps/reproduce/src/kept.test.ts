import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keepIn } from './kept.ts';

const folder = mkdtempSync(join(tmpdir(), 'pare-kept-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what was made of the same is taken, numbers and maps as they were; what was made of something else is made anew', async () => {
  const keep = keepIn(join(folder, 'work'));
  let made = 0;
  const make = async () => new Map([['made', Float32Array.of(++made)]]);
  expect(await keep('thing', 'one', make)).toEqual(new Map([['made', Float32Array.of(1)]]));
  expect(await keep('thing', 'one', make)).toEqual(new Map([['made', Float32Array.of(1)]]));
  expect((await keep('thing', 'two', make)).get('made')![0]).toBe(2);
  expect((await keep('other', 'two', make)).get('made')![0]).toBe(3);
  expect((await keep('other', 'two', make, false)).get('made')![0]).toBe(4);
  expect((await keep('other', 'two', make)).get('made')![0]).toBe(4); // and kept in turn
});

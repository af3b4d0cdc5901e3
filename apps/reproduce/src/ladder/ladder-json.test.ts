import { expect, test } from 'vitest';
import { sampleResult } from '../report/_sample-result.ts';
import { ladderJson } from './ladder-json.ts';

test('is the result as JSON, a row a line', () => {
  const { result } = sampleResult();
  const text = ladderJson(result);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(result)));
  expect(text.split('\n').filter((line) => line.startsWith('    {"id"'))).toHaveLength(result.rows.length);
  expect(JSON.parse(ladderJson({ ...result, rows: [] })).rows).toEqual([]);
});

import { expect, test } from 'vitest';
import { CorruptDataError } from './corrupt-data.ts';

test('carries a code for programs and a sentence for people', () => {
  const error = new CorruptDataError('truncated', 812, 'too few raw bits');
  expect(error).toMatchObject({ name: 'CorruptDataError', code: 'truncated', byte: 812 });
  expect(error.message).toBe('corrupt data at byte 812: too few raw bits');
});

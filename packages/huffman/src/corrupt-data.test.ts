import { expect, test } from 'vitest';
import { CorruptDataError } from './corrupt-data.ts';

test('says what is wrong and where, to people and to programs', () => {
  const error = new CorruptDataError('truncated', 812);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'CorruptDataError', code: 'truncated', byte: 812 });
  expect(error.message).toBe('corrupt data at byte 812 of a Huffman stream: truncated');
});

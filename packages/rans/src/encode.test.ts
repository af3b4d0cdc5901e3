import { expect, test } from 'vitest';
import { decodeRans } from './decode.ts';
import { encodeRans } from './encode.ts';

test('gives back what it was given', () => {
  const symbols = Uint8Array.from({ length: 1000 }, (_, i) => Math.clz32((i * 2654435761) | 1) & 7);
  expect(decodeRans(encodeRans(symbols, 8), 1000, 8)).toEqual(symbols);
});

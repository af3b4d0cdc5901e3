import { expect, test } from 'vitest';
import { checksum } from './checksum.ts';

test('CRC-16/X-25 and CRC-32 of their catalogue’s check string', () => {
  const check = new TextEncoder().encode('123456789');
  expect(checksum(check)).toEqual([0x6e, 0x90]);
  // CRC-32 is used from 4,097 bytes on: value of 455 × "123456789" and two zero bytes, by zlib.
  const long = new Uint8Array(4097);
  for (let i = 0; i < 4095; i++) long[i] = check[i % 9]!;
  expect(checksum(long)).toEqual([0x86, 0x9f, 0x48, 0xae]);
});

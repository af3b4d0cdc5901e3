// Million symbols a second = operations a second × 4.194. Run: npx vitest bench --project huffman
import { bench, describe } from 'vitest';
import { balancedLengths } from '../src/balanced-lengths.ts';
import { BitReader, huffmanDecode } from '../src/decode.ts';
import { decodeSymbolsBitwise } from '../src/decode-symbols-bitwise.ts';
import { decodingTable } from '../src/decoding-table.ts';
import { huffmanEncode } from '../src/encode.ts';
import { samples } from './_samples.ts';

const COUNT = 2 ** 22;

for (const { what, draw } of samples) {
  const symbols = draw(COUNT);
  const bytes = huffmanEncode(symbols);
  describe(what, () => {
    bench('huffmanDecode', () => void huffmanDecode(bytes), { time: 500 });
    bench('huffmanEncode', () => void huffmanEncode(symbols), { time: 500 });
  });
}

describe('the plain twin, on any bits', () => {
  const bytes = new Uint8Array(COUNT / 2).fill(0x5a);
  const table = decodingTable(balancedLengths(0, 16));
  bench('decodeSymbolsBitwise', () => void decodeSymbolsBitwise(new BitReader(bytes), COUNT, table), { time: 500 });
});

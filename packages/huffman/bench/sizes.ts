// Prints the size of streams of few symbols, beside the same without a table and by zlib's Huffman-only deflate.
// Run: npx tsx packages/huffman/bench/sizes.ts
import { constants, deflateRawSync } from 'node:zlib';
import { BitWriter } from '../src/bit-writer.ts';
import { codeLengths } from '../src/code-lengths.ts';
import { huffmanEncode } from '../src/encode.ts';
import { writeTable } from '../src/write-table.ts';
import { samples } from './_samples.ts';

const rows = samples.flatMap(({ what, draw }) =>
  [100, 300, 1000, 5000].map((count) => {
    const symbols = draw(count);
    const histogram = new Uint32Array(256);
    for (const symbol of symbols) histogram[symbol]!++;
    const lengths = codeLengths(histogram);
    const table = new BitWriter();
    writeTable(table, lengths);
    return {
      what,
      count,
      'used symbols': histogram.filter((n) => n > 0).length,
      'codes alone, B': Math.ceil(symbols.reduce((bits, symbol) => bits + lengths[symbol]!, 0) / 8),
      'table, B': Math.round(table.bitLength / 0.8) / 10,
      'huffmanEncode, B': huffmanEncode(symbols).length,
      'deflate, Huffman only, B': deflateRawSync(symbols, { strategy: constants.Z_HUFFMAN_ONLY, level: 9 }).length,
    };
  }),
);
console.table(rows);

// Prints what short streams cost. Run: npx tsx packages/huffman/bench/sizes.ts
import { constants, deflateRawSync } from 'node:zlib';
import { encodeHuffman } from '../src/encode.ts';
import { prefixCode } from '../src/prefix-code.ts';
import { samples } from './_samples.ts';

const rows = samples.flatMap(({ what, draw }) =>
  [300, 1000, 5000].map((count) => {
    const symbols = draw(count);
    const histogram = new Uint32Array(256);
    for (const symbol of symbols) histogram[symbol]!++;
    const code = prefixCode(histogram, {});
    const size = encodeHuffman(symbols, 256).length;
    return {
      what,
      count,
      'used symbols': code.symbols.length,
      'codes alone, B': Math.ceil(code.bits / 8),
      'encodeHuffman, B': size,
      'deflate, Huffman only, B': deflateRawSync(symbols, { strategy: constants.Z_HUFFMAN_ONLY, level: 9 }).length,
    };
  }),
);
console.table(rows);

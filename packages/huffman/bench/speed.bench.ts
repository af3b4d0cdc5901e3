// Million symbols a second = operations a second × 4.194. Run: npx vitest bench --project huffman
import { bench, describe } from 'vitest';
import { decodeHuffman } from '../src/decode.ts';
import { encodeHuffman } from '../src/encode.ts';
import { decodeHuffman as decodeInWasm } from '../src/wasm.ts';
import { samples } from './_samples.ts';

const COUNT = 2 ** 22;
const out = new Uint8Array(COUNT);

for (const { what, draw } of samples) {
  const symbols = draw(COUNT);
  const bytes = encodeHuffman(symbols, 256);
  describe(what, () => {
    bench('decodeHuffman', () => void decodeHuffman(bytes, COUNT, 256, out), { time: 500 });
    bench('decodeHuffman in WebAssembly', () => void decodeInWasm(bytes, COUNT, 256, out), { time: 500 });
    bench('encodeHuffman', () => void encodeHuffman(symbols, 256), { time: 500 });
  });
}

// Million symbols a second = operations a second × 4.194. Run: npx vitest bench --project rans
import { bench, describe } from 'vitest';
import { decodeRans } from '../src/decode.ts';
import { encodeRans } from '../src/encode.ts';
import { decodeRans as decodeRansInWasm } from '../src/wasm.ts';
import { samples } from './_samples.ts';

const COUNT = 2 ** 22;

for (const { what, alphabetSize, draw } of samples) {
  const symbols = draw(COUNT);
  const bytes = encodeRans(symbols, alphabetSize);
  const out = symbols.slice();
  describe(`${what}, ${alphabetSize}`, () => {
    bench('decode in WebAssembly', () => void decodeRansInWasm(bytes, COUNT, alphabetSize, out), { time: 500 });
    bench('decode in JavaScript', () => void decodeRans(bytes, COUNT, alphabetSize, out), { time: 500 });
    bench('encode', () => void encodeRans(symbols, alphabetSize), { time: 500 });
  });
}

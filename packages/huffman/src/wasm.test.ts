// That both decoders give the same results on everything, damage included, is tested in decode.test.ts.
import { afterEach, expect, test, vi } from 'vitest';
import { encodeHuffman } from './encode.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const symbols = Uint8Array.from({ length: 100_000 }, (_, i) => Math.clz32(Math.imul(i, 0x9e3779b1) | 1) & 15);
const bytes = encodeHuffman(symbols, 16);

test('compiles its module with the first long stream, once', async () => {
  const { decodeHuffman } = await import('./wasm.ts');
  const compile = vi.spyOn(WebAssembly, 'Module');
  decodeHuffman(encodeHuffman(symbols.subarray(0, 1000), 16), 1000, 16);
  expect(compile).toHaveBeenCalledTimes(0);
  for (let i = 0; i < 2; i++) expect(Buffer.compare(decodeHuffman(bytes, symbols.length, 16), symbols)).toBe(0);
  expect(compile).toHaveBeenCalledTimes(1);
  compile.mockRestore();
});

test('streams larger than the memory of the module go through it in pieces', async () => {
  const { decodeHuffman } = await import('./wasm.ts');
  const many = new Uint16Array(3_000_000).map((_, i) => (i * i) % 2003);
  const decoded = decodeHuffman(encodeHuffman(many, 2003), many.length, 2003, new Uint16Array(many.length));
  expect(decoded.every((symbol, i) => symbol === many[i])).toBe(true);
});

test('does without where WebAssembly is missing, or not allowed', async () => {
  for (const missing of [undefined, { Module: () => expect.fail('refused by a content security policy') }]) {
    vi.stubGlobal('WebAssembly', missing);
    vi.resetModules();
    const { decodeHuffman } = await import('./wasm.ts');
    expect(Buffer.compare(decodeHuffman(bytes, symbols.length, 16), symbols)).toBe(0);
  }
});

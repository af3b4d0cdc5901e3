import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sparseNumbers } from '../test/numbers.ts';
import { type Csr, toCsr, transposed, withCodes } from './csr.ts';

const dense = ({ rows, columns, rowEnds, indices, values }: Csr): Float32Array => {
  const out = new Float32Array(rows * columns);
  for (let m = 0, k = 0; m < rows; m++) for (; k < rowEnds[m]!; k++) out[m * columns + indices[k]!] = values[k]!;
  return out;
};

const matrices = fc.record({
  rows: fc.integer({ min: 0, max: 20 }),
  columns: fc.integer({ min: 0, max: 20 }),
  density: fc.constantFrom(0, 0.1, 0.5, 1),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

test('lists exactly what is not zero', () => {
  fc.assert(
    fc.property(matrices, ({ rows, columns, density, seed }) => {
      const values = sparseNumbers(rows * columns, density, seed);
      const csr = toCsr({ kind: 'dense', values }, rows, columns);
      expect(dense(csr)).toEqual(values);
      expect(csr.values.every((value) => value !== 0)).toBe(true);
    }),
  );
});

test('transposed twice is what it was, codes and all', () => {
  fc.assert(
    fc.property(matrices, ({ rows, columns, density, seed }) => {
      const csr = withCodes(
        toCsr({ kind: 'dense', values: sparseNumbers(rows * columns, density, seed, 5) }, rows, columns),
      )!;
      expect(transposed(transposed(csr))).toEqual(csr);
    }),
  );
});

test('a shared form keeps its codes, without zeros of its codebook and of its mask', () => {
  const form = {
    kind: 'shared',
    codebook: Float32Array.of(3, 0, 5),
    indices: Uint16Array.of(0, 1, 2, 2),
    mask: Uint8Array.of(1, 1, 1, 0),
  } as const;
  const { indices, codes, codebook, values } = withCodes(toCsr(form, 2, 2))!;
  expect([indices, codes, codebook, values]).toEqual([
    Uint16Array.of(0, 0),
    Uint8Array.of(1, 2),
    Float32Array.of(0, 3, 5),
    Float32Array.of(3, 5),
  ]);
});

test('a shared form of more than 255 values becomes numbers', () => {
  const codebook = Float32Array.from({ length: 300 }, (_, i) => i);
  const indices = Uint16Array.from({ length: 300 }, (_, i) => i);
  const csr = toCsr({ kind: 'shared', codebook, indices, mask: new Uint8Array(300).fill(1) }, 1, 300);
  expect(csr.codes).toBeUndefined();
  expect(csr.values).toEqual(codebook.subarray(1));
  expect(withCodes(csr)).toBeUndefined();
});

test('columns take 32 bits where 16 do not suffice', () => {
  const values = new Float32Array(65537);
  values[65536] = 1;
  expect(toCsr({ kind: 'dense', values }, 1, 65537).indices).toEqual(Uint32Array.of(65536));
  expect(toCsr({ kind: 'dense', values }, 65537, 1).indices).toEqual(Uint16Array.of(0));
});

test('a form of another size is refused', () => {
  expect(() => toCsr({ kind: 'dense', values: new Float32Array(5) }, 2, 3)).toThrow(
    '"form" expected 2 · 3 numbers, got 5',
  );
});

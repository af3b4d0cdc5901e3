import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { numbers, reference, sparseNumbers } from '../test/numbers.ts';
import { clip } from './clip.ts';
import { toCsr } from './csr.ts';
import type { Bounds } from './dense/shapes.ts';
import { createKernels } from './kernels.ts';
import { csrTimesBatch, sparseBatch } from './sparse-batch.ts';

const kernels = createKernels();

test('multiplies each sample as double precision does, whatever the batch, the shape and the density', () => {
  fc.assert(
    fc.property(
      fc.record({
        batch: fc.integer({ min: 1, max: 70 }),
        rows: fc.integer({ min: 1, max: 30 }),
        columns: fc.constantFrom(1, 3, 17, 255, 256, 257, 700),
        density: fc.constantFrom(0, 0.02, 0.1, 1),
        hasBias: fc.boolean(),
        bounds: fc.constantFrom<Bounds>({}, { least: 0 }, { least: 0, most: 1 }),
        seed: fc.integer({ min: 1, max: 1e6 }),
      }),
      ({ batch, rows, columns, density, hasBias, bounds, seed }) => {
        const w = sparseNumbers(rows * columns, density, seed);
        const x = numbers(batch * columns, seed + 2);
        const bias = hasBias ? numbers(rows, seed + 3) : undefined;
        const matrix = toCsr({ kind: 'dense', values: w }, rows, columns);
        const plain = csrTimesBatch(matrix, x, bias, bounds);

        const mark = kernels.mark();
        const layer = sparseBatch(kernels, matrix, batch, bias, bounds);
        const [from, to] = [kernels.allocate(4 * x.length + 64), kernels.allocate(4 * batch * rows + 64)];
        const scratch = kernels.allocate(layer.scratchBytes + 64);
        kernels.float32(scratch, (layer.scratchBytes >> 2) + 16).fill(Number.NaN);
        kernels.float32(scratch + layer.scratchBytes, 16).fill(7);
        kernels.float32(from, x.length + 16).fill(Number.NaN);
        kernels.float32(from, x.length).set(x);
        kernels.float32(to, batch * rows + 16).fill(7);
        layer.run(from, to, scratch);
        const y = kernels.float32(to, batch * rows).slice();
        const behind = [to + 4 * y.length, scratch + layer.scratchBytes].flatMap((at) => [...kernels.float32(at, 16)]);
        kernels.release(mark);

        // Up to 700 terms of at most 1: 700 · 2⁻²⁴ · 700, and far less in practice.
        for (let sample = 0; sample < batch; sample++) {
          const expected = reference(w, x.subarray(sample * columns, (sample + 1) * columns), rows, bias);
          for (let m = 0; m < rows; m++) {
            const value = clip(expected[m]!, bounds);
            const worst = Math.max(
              Math.abs(y[sample * rows + m]! - value),
              Math.abs(plain[sample * rows + m]! - value),
            );
            if (!(worst < 1e-3)) throw new Error(`sample ${sample}, row ${m}: off by ${worst}`);
          }
        }
        expect(behind).toEqual(new Array(32).fill(7));
      },
    ),
    { numRuns: 100, seed: 1 },
  );
});

test('a batch that is no number of samples is refused', () => {
  const matrix = toCsr({ kind: 'dense', values: new Float32Array(6) }, 2, 3);
  expect(() => sparseBatch(kernels, matrix, 0)).toThrow('"batch" expected a whole number from 1, got 0');
});

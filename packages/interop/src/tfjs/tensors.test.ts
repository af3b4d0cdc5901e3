import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutTensors, formOf, littleEndian, storeExactly } from './tensors.ts';
import type { TensorSpec } from './topology.ts';

const spec = (count: number, quantization?: TensorSpec['quantization']): TensorSpec => ({
  name: 'w',
  shape: [count],
  dtype: 'float32',
  ...(quantization && { quantization }),
});

describe('dequantised tensors', () => {
  test('of few values become a codebook of those that occur', () => {
    const bytes = Uint8Array.from({ length: 20 }, (_, i) => [7, 200, 7, 9][i % 4]!);
    const form = formOf({ spec: spec(20, { dtype: 'uint8', scale: 0.01, min: -1 }), bytes });
    expect(form.kind).toBe('shared');
    if (form.kind === 'shared') {
      expect(form.codebook).toEqual(Float32Array.of(0.07 - 1, 0.09 - 1, 2 - 1));
      expect([...form.indices.slice(0, 4)]).toEqual([0, 2, 0, 1]);
    }
  });

  test('of float32 that were shared once are so again', () => {
    const few = Float32Array.from({ length: 40 }, (_, i) => [0, 0.3, -0.7, 0][i % 4]!);
    expect(formOf({ spec: spec(40), bytes: littleEndian(few) })).toMatchObject({
      kind: 'shared',
      codebook: Float32Array.of(-0.7, 0.3),
    });
    const steps = Float32Array.from({ length: 40 }, (_, i) => (i - 20) * 0.0078125);
    expect(formOf({ spec: spec(40), bytes: littleEndian(steps) }).kind).toBe('shared');
    const many = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i + 1));
    expect(formOf({ spec: spec(40), bytes: littleEndian(many) })).toEqual({ kind: 'dense', values: many });
    const signed = few.map((value) => (value === 0 ? -0 : value));
    expect(formOf({ spec: spec(40), bytes: littleEndian(signed) })).toEqual({ kind: 'dense', values: signed });
  });

  test('are written again as they were read', () => {
    const bytes = fc.uint8Array({ minLength: 2, maxLength: 64 }).filter(({ length }) => length % 2 === 0);
    const grids = fc.record({ scale: fc.double({ min: 1e-4, max: 10 }), min: fc.double({ min: -100, max: 100 }) });
    fc.assert(
      fc.property(bytes, grids, fc.constantFrom('uint8', 'uint16', 'float16'), (stored, grid, dtype) => {
        const count = dtype === 'uint8' ? stored.length : stored.length / 2;
        const tensor = { spec: spec(count, { dtype, ...grid }), bytes: stored };
        const form = formOf(tensor);
        const values =
          form.kind === 'dense' ? form.values : Float32Array.from(form.indices, (index) => form.codebook[index]!);
        // Infinities and what is no number have many patterns; they never become weights.
        fc.pre(values.every(Number.isFinite));
        expect(storeExactly(values, tensor.spec)).toEqual(stored);
      }),
    );
  });

  test('that have left their grid are not', () => {
    const quantization = { dtype: 'uint8', scale: 0.5, min: 0 };
    expect(storeExactly(Float32Array.of(0.5, 127.5), spec(2, quantization))).toEqual(Uint8Array.of(1, 255));
    expect(storeExactly(Float32Array.of(0.5, 0.6), spec(2, quantization))).toBeUndefined();
    expect(storeExactly(Float32Array.of(128), spec(1, quantization))).toBeUndefined();
    expect(storeExactly(Float32Array.of(-0), spec(1, quantization))).toBeUndefined();
    expect(storeExactly(Float32Array.of(0.1), spec(1, { dtype: 'float16' }))).toBeUndefined();
    expect(storeExactly(Float32Array.of(65536), spec(1, { dtype: 'float16' }))).toBeUndefined();
  });
});

test('texts are cut by the lengths before them, which are not trusted', () => {
  const texts: TensorSpec = { name: 't', shape: [2], dtype: 'string' };
  const bytes = Uint8Array.of(1, 0, 0, 0, 65, 0, 0, 0, 0);
  expect(cutTensors([texts], bytes, 'shards')[0]!.bytes).toEqual(bytes);
  expect(() => cutTensors([texts], bytes.subarray(0, 8), 'shards')).toThrow('shards end within "t"');
  expect(() => cutTensors([texts], Uint8Array.of(255, 255, 255, 255, 0), 'shards')).toThrow('shards end within "t"');
});

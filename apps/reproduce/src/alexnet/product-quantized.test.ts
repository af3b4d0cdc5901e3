import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CorruptDataError } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { findDataFolder } from '../data/data-folder.ts';
import { readFloats, readNumbers, readProductQuantized, reassemble } from './product-quantized.ts';

const ints = (...values: number[]) => [...new Uint8Array(Int32Array.from(values).buffer)];
const floats = (...values: number[]) => [...new Uint8Array(Float32Array.from(values).buffer)];

/** Writes numbers bit by bit: an extent, the bits, blocks. */
function packed(values: readonly number[], bits: number): Uint8Array {
  const perBlock = Math.floor((8 * 4096) / bits);
  const bytes = new Uint8Array(4096 * Math.ceil(values.length / perBlock));
  values.forEach((value, i) => {
    for (let b = 0; b < bits; b++) {
      const bit = 8 * 4096 * Math.floor(i / perBlock) + (i % perBlock) * bits + b;
      if ((value >> (bits - 1 - b)) & 1) bytes[bit >> 3]! |= 0x80 >> (bit & 7);
    }
  });
  return Uint8Array.of(...ints(1, values.length, bits), ...bytes);
}

describe('readNumbers', () => {
  test.each([1, 3, 4, 5, 7, 8])('reads %i bits, the highest first, in blocks of 4096 bytes', (bits) => {
    const length = Math.ceil((8 * 5000) / bits); // more than a block
    const values = Array.from({ length }, (_, i) => ((i * 2654435761) >>> 7) % 2 ** bits);
    expect(Buffer.compare(readNumbers(packed(values, bits)).values, Uint8Array.from(values))).toBe(0);
  });

  test('refuses other lengths, bits and extents', () => {
    const bytes = packed([1, 2, 3], 4);
    expect(() => readNumbers(bytes.subarray(1))).toThrow(CorruptDataError);
    expect(() => readNumbers(bytes.subarray(0, -1))).toThrow('expected 4108 bytes for [3]');
    expect(() => readNumbers(Uint8Array.of(...ints(1, 3, 9)))).toThrow('expected 1 … 8 bits, got 9');
    expect(() => readNumbers(Uint8Array.of(...ints(1, 2 ** 30, 4)))).toThrow('too short for [1073741824]');
    expect(() => readNumbers(Uint8Array.of(...ints(-1)))).toThrow('expected 1 … 4 extents, got -1');
    for (let end = 0; end < 12; end++) expect(() => readNumbers(bytes.subarray(0, end))).toThrow(CorruptDataError);
  });
});

describe('readFloats', () => {
  test('reads what its header says, to the last byte', () => {
    const bytes = Uint8Array.of(...ints(2, 1, 2), ...floats(0.5, -3));
    expect(readFloats(bytes)).toEqual({ dims: [1, 2], values: Float32Array.of(0.5, -3) });
    expect(() => readFloats(bytes.subarray(0, -1))).toThrow('expected 20 bytes for [1, 2]');
    expect(() => readFloats(Uint8Array.of(...bytes, 0))).toThrow(CorruptDataError);
  });
});

describe('reassemble', () => {
  const centroids = { dims: [2, 2, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) }; // two sub-spaces of two pairs

  test('puts vectors along the inputs, leaving out what lies beyond them', () => {
    const assigned = { dims: [1, 1, 2, 2], values: Uint8Array.of(0, 1, 1, 0) }; // one filter of 1 × 2
    expect([...reassemble(assigned, centroids, [1, 3, 1, 2])]).toEqual([1, 3, 2, 4, 7, 5]);
    expect([...reassemble({ dims: [1, 2], values: Uint8Array.of(1, 1) }, centroids, [1, 4])]).toEqual([3, 4, 7, 8]);
  });

  test('refuses arrays that do not fit', () => {
    const assigned = { dims: [1, 2], values: Uint8Array.of(0, 2) };
    expect(() => reassemble(assigned, centroids, [1, 4])).toThrow('assignment 1 names 2 of 2 centroids');
    expect(() => reassemble(assigned, centroids, [1, 5])).toThrow('do not fit [1, 5]');
    expect(() => reassemble(assigned, centroids, [2, 4])).toThrow('do not fit [2, 4]');
  });
});

describe('the AlexNet that is left', () => {
  const folder = join(findDataFolder()?.path ?? '', 'alexnet-pq');

  test('has filters of conv1 that are smooth, as trained ones are, and weights of the size that training leaves', () => {
    if (!existsSync(folder)) {
      console.warn(`skipped: no ${folder}; set PARE_DATA to the data folder`);
      return;
    }
    const weights = readProductQuantized(folder, ['conv1', 'fc8']);
    expect(weights.map(({ name, shape }) => `${name} ${shape}`)).toEqual([
      'conv1/kernel 96,3,11,11',
      'conv1/bias 96',
      'fc8/kernel 1000,4096',
      'fc8/bias 1000',
    ]);
    const { values } = weights[0]!.form as { readonly values: Float32Array };
    // Neighbours in a row are alike: in another layout of rows, columns and channels they would not be.
    let products = 0;
    let squares = 0;
    for (let i = 0; i < values.length; i++) {
      squares += values[i]! ** 2;
      if (i % 11 !== 10) products += values[i]! * values[i + 1]!;
    }
    expect((products * 11) / 10 / squares).toBeGreaterThan(0.5);
    const dense = weights[2]!.form as { readonly values: Float32Array };
    const deviation = Math.sqrt(dense.values.reduce((sum, value) => sum + value ** 2, 0) / dense.values.length);
    expect(deviation).toBeGreaterThan(0.005);
    expect(deviation).toBeLessThan(0.02);
  });

  test('refuses layers that are not there', () => {
    expect(() => readProductQuantized(folder, ['fc6'])).toThrow('expected conv1, conv2, conv3, conv4, conv5, fc7, fc8');
  });
});

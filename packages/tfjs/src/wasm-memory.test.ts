import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { startWasm } from '../test/backends.ts';
import { sparseDense } from './sparse-training/sparse-conv2d.ts';
import { sparseTrainingWasm } from './sparse-training/sparse-training.wasm.ts';
import { sparsePattern, sparseTrainingAvailable } from './sparse-training.ts';
import { wasmMemories } from './wasm-memory.ts';

beforeAll(startWasm);

/** What a page with a strict policy, or an engine that compiles nothing so large at once, does. */
function withoutCompiling<T>(error: Error, use: () => T): T {
  const refusing = vi.spyOn(WebAssembly, 'Module').mockImplementation(function refuse() {
    throw error;
  });
  try {
    return use();
  } finally {
    refusing.mockRestore();
  }
}

describe('wasmMemories', () => {
  test('hands out scratch memory aligned to 16 and gives back what its user returns', () => {
    const memory = wasmMemories(sparseTrainingWasm)(tf.backend())!;
    const addresses = memory.withScratch([1, 17, 4], (...given) => given);
    expect(addresses.map((address) => address % 16)).toEqual([0, 0, 0]);
    expect([addresses[1]! - addresses[0]!, addresses[2]! - addresses[1]!]).toEqual([16, 32]);
  });

  test('compiles once', () => {
    const compile = vi.spyOn(WebAssembly, 'Module');
    const memoryOf = wasmMemories(sparseTrainingWasm);
    expect(compile).not.toHaveBeenCalled();
    expect(memoryOf(tf.backend())).toBe(memoryOf(tf.backend()));
    memoryOf({ ...tf.backend() });
    expect(compile).toHaveBeenCalledTimes(1);
    compile.mockRestore();
  });

  test.each([
    ['bytes that are no module', 'AAAA', undefined],
    ['a policy against compiling', sparseTrainingWasm, new WebAssembly.CompileError('blocked by CSP')],
    ['a limit on what compiles at once', sparseTrainingWasm, new RangeError('larger than 4KB')],
  ])('gives nothing under %s', (_, base64, error) => {
    const ask = () => wasmMemories(base64)(tf.backend());
    expect(error ? withoutCompiling(error, ask) : ask()).toBeUndefined();
  });
});

test('where its kernels cannot be compiled, sparse training says no instead of throwing', () => {
  withoutCompiling(new WebAssembly.CompileError('blocked by CSP'), () => {
    expect(sparseTrainingAvailable()).toBe(false); // asked here for the first time on this backend
    const pattern = sparsePattern(Uint8Array.of(1, 0), [1, 2]);
    tf.tidy(() => {
      expect(() => sparseDense(tf.ones([2, 1]), tf.ones([1]), pattern)).toThrow('may compile');
    });
    pattern.dispose();
  });
});

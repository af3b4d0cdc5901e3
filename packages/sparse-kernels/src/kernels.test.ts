import { expect, test } from 'vitest';
import { createKernels } from './kernels.ts';

test('what is allocated keeps its contents while the memory grows, and its alignment', () => {
  const kernels = createKernels();
  const first = kernels.place(Float32Array.of(1, 2, 3));
  const addresses = [1, 3, 1 << 20, 5].map((bytes) => kernels.allocate(bytes));
  expect(addresses.every((address) => address % 16 === 0)).toBe(true);
  expect(kernels.allocate(1, 64) % 64).toBe(0);
  expect([...kernels.float32(first, 3)]).toEqual([1, 2, 3]);
});

test('what is released is allocated again, so that loading and forgetting layers does not grow', () => {
  const kernels = createKernels();
  const start = kernels.mark();
  kernels.allocate(5e6);
  const bytes = kernels.memory.buffer.byteLength;
  for (let i = 0; i < 100; i++) {
    kernels.release(start);
    expect(kernels.used()).toBe(0);
    kernels.allocate(5e6);
  }
  expect(kernels.memory.buffer.byteLength).toBe(bytes);
});

test('more than the memory may take is refused, and leaves it as it was', () => {
  const kernels = createKernels({ maximumBytes: 200_000 });
  const used = kernels.used();
  expect(() => kernels.allocate(300_000)).toThrow('"bytes" expected at most the ');
  // Sizes that a sum gone wrong gives: they put all that came after them at no address, or over what was there.
  for (const bytes of [Number.NaN, -16]) expect(() => kernels.allocate(bytes)).toThrow(`not less than 0, got ${bytes}`);
  expect(kernels.used()).toBe(used);
  expect(kernels.memory.buffer.byteLength).toBeLessThanOrEqual(200_000);
});

test('in another’s memory blocks are asked for, used up, and used again', () => {
  const memory = new WebAssembly.Memory({ initial: 100 });
  const asked: number[] = [];
  let end = 4096;
  const kernels = createKernels({
    memory,
    reserve(bytes) {
      asked.push(bytes);
      end += bytes;
      return end - bytes;
    },
  });
  expect(kernels.window).toBe(0);
  for (const bytes of [Number.NaN, -16]) expect(() => kernels.allocate(bytes)).toThrow(`not less than 0, got ${bytes}`);
  const start = kernels.mark();
  const one = kernels.place(Float32Array.of(1));
  kernels.allocate(1e6);
  kernels.allocate(1e6);
  expect(asked.length).toBe(2);
  expect(kernels.float32(one, 1)[0]).toBe(1);
  kernels.release(start);
  kernels.allocate(1e6);
  kernels.allocate(1e6);
  expect(asked.length).toBe(2);
});

test('a memory without somebody who gives it out is refused', () => {
  expect(() => createKernels({ memory: new WebAssembly.Memory({ initial: 1 }) })).toThrow(
    '"memory" and "reserve" expected together',
  );
});

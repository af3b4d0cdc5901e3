import { expect, test } from 'vitest';
import { type Kernels, MOST_BYTES, ownKernels } from '../kernels.ts';
import { MOST_NUMBERS } from './mailbox.ts';
import { sharedModule } from './shared-module.ts';
import { startThread, type Thread } from './thread.ts';
import { ThreadError } from './thread-error.ts';

/** A thread that can be asked. */
async function started(): Promise<{ kernels: Kernels; thread: Thread }> {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 100, shared: true });
  const kernels = ownKernels(memory, sharedModule(), MOST_BYTES);
  const thread = startThread(kernels, sharedModule());
  await thread.ready;
  expect(thread.isThere()).toBe(true);
  return { kernels, thread };
}

/** Long enough for a thread to begin, on a machine that is busy too. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

/** Posts a part until the thread has done it: it may be that it does not come to it. */
async function doneThere(thread: Thread, part: () => void): Promise<boolean> {
  for (let tries = 0; tries < 50; tries++) {
    let isDoneHere = false;
    thread.post(part);
    await pause();
    thread.join(() => {
      isDoneHere = true;
    });
    if (!isDoneHere) return true;
  }
  return false;
}

test('calls are made in the thread, in their order', async () => {
  const { kernels, thread } = await started();
  const [a, b] = [kernels.place(Float32Array.of(1, 2, 3)), kernels.place(Float32Array.of(0, 0, 0))];
  const { exports } = thread.kernels;
  const part = (): void => {
    exports.copyNumbers(a, 3, b);
    exports.denseAdd(a, b, b, 3, -Infinity, 5);
  };
  expect(await doneThere(thread, part)).toBe(true);
  expect([...kernels.float32(b, 3)]).toEqual([2, 4, 5]);
  thread.end();
});

test('what is not posted is done here', async () => {
  const { kernels, thread } = await started();
  const a = kernels.place(Float32Array.of(1, 2));
  thread.join(() => thread.kernels.exports.zeroNumbers(a, 1));
  expect([...kernels.float32(a, 2)]).toEqual([0, 2]);
  thread.end();
});

test('more calls than the mailbox holds are made here', async () => {
  const { kernels, thread } = await started();
  const count = kernels.place(Float32Array.of(0));
  const one = kernels.place(Float32Array.of(1));
  const { exports } = thread.kernels;
  for (const calls of [MOST_NUMBERS / 8 - 1, MOST_NUMBERS / 8, MOST_NUMBERS]) {
    kernels.float32(count, 1)[0] = 0;
    const part = (): void => {
      for (let i = 0; i < calls; i++) exports.denseAdd(count, one, count, 1, -Infinity, Infinity);
    };
    thread.post(part);
    thread.join(part);
    expect(kernels.float32(count, 1)[0]).toBe(calls);
  }
  thread.end();
});

test('a kernel that ends in an error there is an error here, and the thread is not asked again', async () => {
  const { thread } = await started();
  const { exports } = thread.kernels;
  await expect(doneThere(thread, () => exports.zeroNumbers(2 ** 31, 1))).rejects.toThrow(ThreadError);
  expect(thread.isThere()).toBe(false);
  let isDoneHere = false;
  const part = (): void => {
    isDoneHere = true;
  };
  thread.post(() => expect.unreachable());
  thread.join(part);
  expect(isDoneHere).toBe(true);
});

test('a part that throws while it is written down leaves the thread as it was', async () => {
  const { kernels, thread } = await started();
  const a = kernels.place(Float32Array.of(1));
  expect(() =>
    thread.post(() => {
      throw new RangeError('no');
    }),
  ).toThrow('no');
  thread.kernels.exports.zeroNumbers(a, 1);
  expect([...kernels.float32(a, 1)]).toEqual([0]);
  thread.end();
});

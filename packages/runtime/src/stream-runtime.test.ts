import { initialize, lenet5 } from '@pare/architectures';
import { CorruptDataError, seededRandom } from '@pare/core';
import { encodeModel } from '@pare/format';
import { expect, test } from 'vitest';
import { createRuntime, streamRuntime } from './index.ts';

const bytes = encodeModel(initialize(lenet5(), seededRandom(1)), { coding: 'fast' });
const input = Float32Array.from({ length: 784 }, (_, i) => Math.sin(i));

/** A file that arrives when it is told to. */
function slow() {
  const steps: (() => void)[] = [];
  const queue: (Uint8Array | Error | null)[] = [];
  const wake = (): void => steps.shift()?.();
  return {
    send(chunk: Uint8Array | Error | null) {
      queue.push(chunk);
      wake();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
      for (;;) {
        while (queue.length === 0) await new Promise<void>((resolve) => steps.push(resolve));
        const chunk = queue.shift()!;
        if (chunk === null) return;
        if (chunk instanceof Error) throw chunk;
        yield chunk;
      }
    },
  };
}

test('a run that begins before the weights are there ends with the same answers', async () => {
  const file = slow();
  const opening = streamRuntime(file);
  file.send(bytes.subarray(0, 2000));
  const runtime = await opening;
  expect(runtime.outputShape).toEqual([10]);
  expect(() => runtime.runSync(input)).toThrow(/have not arrived/);
  const running = Promise.all([runtime.run(input), runtime.run(input)]);
  for (let at = 2000; at < bytes.length; at += 50_000) file.send(bytes.subarray(at, at + 50_000));
  file.send(null);
  const [first, second] = await running;
  await runtime.loaded;
  expect(first).toEqual(createRuntime(bytes).runSync(input));
  expect(second).toEqual(first);
  expect(runtime.runSync(input)).toEqual(first);
});

test('a layer is ready as soon as its weights are there', async () => {
  const file = slow();
  const opening = streamRuntime(file);
  file.send(bytes.subarray(0, 150_000)); // weights come in blocks, each with its checksum
  const runtime = await opening;
  const ready = (): string[] => runtime.kernels.map(({ layer }) => layer);
  for (let i = 0; i < 1000 && ready().length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(ready()).toEqual(['conv1']);
  file.send(bytes.subarray(150_000));
  file.send(null);
  await runtime.loaded;
  expect(ready()).toEqual(['conv1', 'conv2', 'ip1', 'ip2']);
});

test('a file that ends early ends the run and the loading', async () => {
  const file = slow();
  const opening = streamRuntime(file);
  file.send(bytes.subarray(0, 100_000));
  const runtime = await opening;
  const running = runtime.run(input);
  file.send(null);
  await expect(running).rejects.toThrow(CorruptDataError);
  await expect(runtime.loaded).rejects.toThrow(/ends early/);
});

test('a network that cannot be run is refused when its header is there', async () => {
  const layers = lenet5().slice(0, -1);
  const foreign = encodeModel(
    {
      layers: [
        ...layers,
        { kind: 'foreign', operation: 'LSTM', name: 'odd', inputs: [layers.at(-1)!.name], outputShape: [500] },
      ],
      weights: initialize(lenet5(), seededRandom(1)).weights,
      history: [],
    },
    { coding: 'fast' },
  );
  const file = slow();
  const opening = streamRuntime(file);
  file.send(foreign.subarray(0, 3000));
  await expect(opening).rejects.toThrow('layer "odd": expected a kind that can be run, got "LSTM"');
});

test('a source is told that no more is wanted: when its network is refused, and when the runtime is disposed of', async () => {
  /** A download that hangs after its first bytes. */
  const hanging = (start: Uint8Array) => {
    const reasons: unknown[] = [];
    const cancel = (): void => void reasons.push('cancelled');
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(start), cancel });
    return { body, reasons };
  };
  const [data] = lenet5();
  const odd = { kind: 'foreign', operation: 'LSTM', name: 'odd', inputs: [data!.name], outputShape: [500] } as const;
  const refused = hanging(encodeModel({ layers: [data!, odd], weights: [], history: [] }));
  await expect(streamRuntime(refused.body)).rejects.toThrow('got "LSTM"');
  expect(refused.reasons).toEqual(['cancelled']);

  const started = hanging(bytes.subarray(0, 2000));
  const runtime = await streamRuntime(started.body);
  const running = runtime.run(input);
  setTimeout(() => runtime.dispose());
  await expect(running).rejects.toThrow('disposed');
  await expect(runtime.loaded).rejects.toThrow('disposed');
  expect(started.reasons).toEqual(['cancelled']);
});

test('a signal ends the download, the loading and the runs', async () => {
  const stop = new AbortController();
  const file = slow();
  const opening = streamRuntime(file, { signal: stop.signal });
  file.send(bytes.subarray(0, 2000));
  const runtime = await opening;
  const running = runtime.run(input);
  setTimeout(() => stop.abort(new Error('enough')));
  await expect(running).rejects.toThrow('enough');
  await expect(runtime.loaded).rejects.toThrow('enough');
  await expect(streamRuntime([bytes], { signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow('never');
});

test('disposal ends what waits', async () => {
  const file = slow();
  const opening = streamRuntime(file);
  file.send(bytes.subarray(0, 2000));
  const runtime = await opening;
  const running = runtime.run(input);
  setTimeout(() => runtime.dispose());
  await expect(running).rejects.toThrow('disposed');
});

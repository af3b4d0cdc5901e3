/** The page that webpack builds: runs networks here, in a worker and with threads, and leaves what came out in `globalThis.outcome`. */
import { initialize, sequence } from '@pare/architectures';
import { seededRandom } from '@pare/core';
import { createRuntime } from '@pare/runtime';
import { threads } from '@pare/runtime/threads';
import { runtimeInWorker } from '@pare/runtime/worker';

async function work() {
  const bytes = new Uint8Array(await (await fetch('./model.pare')).arrayBuffer());
  const input = new Float32Array(28 * 28).fill(0.5);
  const inWorker = await runtimeInWorker('./model.pare');
  const outputs = [createRuntime(bytes).runSync(input), await inWorker.run(input)].map((output) => [...output]);
  await inWorker.dispose();
  return { isolated: globalThis.crossOriginIsolated, outputs, ...(await withThreads()) };
}

/** A layer that is large enough to be cut, run some times, as what threads get wrong they do not get wrong always. */
async function withThreads() {
  const layers = sequence([16, 48, 48], [{ kind: 'conv2d', name: 'conv', filters: 64, kernelSize: 3, padding: 1 }]);
  const model = initialize(layers, seededRandom(1));
  const input = Float32Array.from({ length: 16 * 48 * 48 }, (_, i) => Math.sin(i));
  const expected = createRuntime(model).runSync(input);
  const together = createRuntime(model, { threads: threads(2) });
  await together.warmUp();
  const differences = Array.from({ length: 50 }, () => together.runSync(input).findIndex((y, i) => y !== expected[i]));
  const found = { threads: together.threads, isSame: differences.every((index) => index === -1) };
  together.dispose();
  return found;
}

work().then(
  (result) => {
    globalThis.outcome = { result };
  },
  (error) => {
    globalThis.outcome = { error: error.stack };
  },
);

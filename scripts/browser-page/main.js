/** The page of the browser test: leaves what it found, or what went wrong, in `globalThis.outcome`. */
import { initialize, lenet300 } from '@pare/architectures';
import { retrain, run, seededRandom } from '@pare/core';
import { httpRanges, openRanges } from '@pare/format';
import { decodeModel } from '@pare/format/decode';
import { decodeInWorker } from '@pare/format/worker';
import { createRuntime } from '@pare/runtime';
import { runtimeInWorker } from '@pare/runtime/worker';
import { createTrainer, evaluate, startWasm } from '@pare/tfjs';
import { pareFile } from '@pare/tfjs/load';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { load, names } from './packages.js';
import compressed from './plain.safetensors?pare';
import { usePlugins } from './plugins.js';
import { summarize } from './summary.js';
import { tasks } from './tasks.js';

async function work() {
  const response = await fetch('./model.pare');
  const bytes = new Uint8Array(await response.arrayBuffer());
  const summary = summarize(decodeModel(bytes));
  const inWorker = summarize(await decodeInWorker('./model.pare'));
  const ranged = await openRanges(httpRanges('./model.pare'));
  const byRange = summarize({
    weights: await Promise.all(ranged.header.weights.map(({ name }) => ranged.weight(name))),
  });
  const fromPlugin = (await decodeInWorker(compressed)).weights.map(({ name }) => name);

  const input = new Float32Array(28 * 28).fill(0.5);
  const network = await runtimeInWorker('./model.pare');
  const runs = [createRuntime(bytes).runSync(input), await network.run(input)].map((output) => Array.from(output));
  await network.dispose();

  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': threaded,
  });
  await startWasm();
  const examples = stripes(320);
  const trainer = createTrainer({ train: examples, validation: examples });
  const model = initialize(lenet300(), seededRandom(1));
  const trained = await run(model, [retrain({ epochs: 3, batchSize: 32 })], { random: seededRandom(2), trainer });
  const progress = [];
  const loaded = await loadLayersModel(pareFile('./model.pare', { onProgress: (done) => progress.push(done) }));
  const answers = tf.tidy(() =>
    Array.from(loaded.predict(tf.ones([1, ...loaded.inputs[0].shape.slice(1)])).dataSync()),
  );
  for (const name of names) {
    try {
      await tasks[name](await load(name), load);
    } catch (error) {
      throw new Error(`${name}: ${error.message}`, { cause: error });
    }
  }
  return {
    plugins: await usePlugins(),
    summary,
    inWorker,
    byRange,
    fromPlugin,
    runs,
    answers,
    reports: progress.length,
    before: evaluate(model, examples),
    after: evaluate(trained, examples),
  };
}

/** Ten classes that are easy to tell apart: two white rows at another height for each. */
function stripes(count) {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  const pixels = new Uint8Array(count * 28 * 28);
  labels.forEach((label, i) => {
    const start = (i * 28 + 2 * label + 4) * 28;
    pixels.fill(255, start, start + 2 * 28);
  });
  return { pixels, labels, count, shape: [1, 28, 28] };
}

work().then(
  (result) => {
    globalThis.outcome = { result };
  },
  (error) => {
    globalThis.outcome = { error: error.stack };
  },
);

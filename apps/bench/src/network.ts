import { elementCount } from '@pare/core';
import { createRuntime } from '@pare/runtime';
import type { Entry } from './measure.ts';
import { type BenchModel, denseNetwork, releasedModel, smallModels } from './network-models.ts';
import { type NetworkPeer, onnxNetwork, tfjsNetwork } from './network-peers.ts';
import { startBackend } from './training.ts';

const ROUNDS = 21;
/** Outputs must agree before anything is timed. */
const TOLERANCE = 1e-4;

type Aims = readonly [must: number | null, goal: number | null];

/** Whole networks, one image at a time, one thread: the runtime against dense peers; and what a run reads of weights. */
export async function* networkEntries(): AsyncIterable<Entry> {
  await startBackend();
  yield* rows(await releasedModel(), [1.5, 2]);
  const small = smallModels();
  if (small.length === 0) console.error('network: no files of our own: run `pnpm reproduce --full` first');
  for (const model of small) yield* rows(model, [1, 1.5]);
  yield* rows(await denseNetwork(), [1, null]);
}

async function* rows({ name, model }: BenchModel, [must, goal]: Aims): AsyncIterable<Entry> {
  const shape = model.layers[0]!.outputShape;
  const input = Float32Array.from(
    { length: elementCount(shape) },
    (_, i) => 80 * Math.sin(0.37 * i) + 30 * Math.sin(0.001 * i),
  );
  const runtime = createRuntime(model);
  await runtime.warmUp();
  const output = runtime.runSync(input);
  const ours = { run: () => runtime.runSync(input, output) };
  const peers: readonly [() => Promise<NetworkPeer | undefined>, Aims][] = [
    [async () => tfjsNetwork(model, input), [must, goal]],
    [() => onnxNetwork('web', model, input), [must, goal]],
    [() => onnxNetwork('node', model, input), [null, null]],
  ];
  for (const [start, aims] of peers) {
    const peer = await start();
    if (!peer) continue;
    expectAlike(`${name}, ${peer.name}`, output, peer.output);
    yield { name, peer: peer.name, ours, theirs: peer.side, rounds: ROUNDS, must: aims[0], goal: aims[1] };
    peer.end();
  }
  const [dense, sparse] = [tfjsNetwork(model, input), tfjsNetwork(model, input, true)];
  expectAlike(`${name}, sparsified`, sparse.output, dense.output);
  const title = `${name}, in tfjs after sparsify`;
  yield {
    name: title,
    peer: dense.name,
    ours: sparse.side,
    theirs: dense.side,
    rounds: ROUNDS,
    must: null,
    goal: null,
  };
  sparse.end();
  dense.end();
  yield {
    name: `${name}: bytes of weights read in a run`,
    peer: 'all weights as float32',
    ours: runtime.weightBytesPerRun,
    theirs: 4 * model.weights.reduce((sum, weight) => sum + elementCount(weight.shape), 0),
    must: null,
    goal: null,
  };
  runtime.dispose();
}

function expectAlike(what: string, a: Float32Array, b: Float32Array): void {
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / largest;
  if (!(worst <= TOLERANCE)) throw new Error(`${what}: outputs differ by ${worst.toExponential(1)} of the largest`);
  console.error(`${what}: outputs differ by ${worst.toExponential(1)} of the largest`);
}

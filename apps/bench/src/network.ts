import { elementCount } from '@pare/core';
import { createRuntime } from '@pare/runtime';
import { threads } from '@pare/runtime/threads';
import type { Entry } from './measure.ts';
import { type BenchModel, denseNetwork, releasedModel, smallModels, thirdOfWork } from './network-models.ts';
import { type NetworkPeer, onnxNetwork, tfjsNetwork } from './network-peers.ts';
import { startBackend } from './training.ts';

const ROUNDS = 21;
/** Outputs must agree before anything is timed. */
const TOLERANCE = 1e-4;

type Aims = readonly [must: number | null, goal: number | null];

/** Whole networks, one image at a time, one thread: the runtime against dense peers; what a run reads of weights; two threads. */
export async function* networkEntries(): AsyncIterable<Entry> {
  await startBackend();
  const released = await releasedModel();
  yield* rows(released, [1.5, 2]);
  yield* twoThreads(released);
  const small = smallModels();
  if (small.length === 0) console.error('network: no files of our own: run `pnpm reproduce --full` first');
  for (const model of small) yield* rows(model, [1, 1.5]);
  const third = thirdOfWork();
  if (third) yield* rows(third, [null, 2.5]);
  else console.error('network: no network of a third of the work: run `pnpm reproduce --full --rows squeezenet-third`');
  const dense = await denseNetwork();
  yield* rows(dense, [1, null]);
  yield* twoThreads(dense);
}

/** Against ourselves: what a second core adds if nobody else has it. */
async function* twoThreads({ name, model }: BenchModel): AsyncIterable<Entry> {
  const input = inputFor(model);
  const [one, two] = [createRuntime(model), createRuntime(model, { threads: threads(2) })];
  for (const runtime of [one, two]) await runtime.warmUp();
  if (two.threads !== 2) throw new Error(`${name}: expected two threads, got ${two.threads}`);
  const output = one.runSync(input);
  if (two.runSync(input).some((value, i) => value !== output[i])) throw new Error(`${name}: outputs differ`);
  yield {
    name: `${name}, two threads`,
    peer: 'ourselves, one thread',
    ours: { run: () => two.runSync(input, output) },
    theirs: { run: () => one.runSync(input, output) },
    rounds: ROUNDS,
    must: null,
    goal: 1.8,
  };
  for (const runtime of [one, two]) runtime.dispose();
}

function inputFor({ layers }: BenchModel['model']): Float32Array {
  const count = elementCount(layers[0]!.outputShape);
  return Float32Array.from({ length: count }, (_, i) => 80 * Math.sin(0.37 * i) + 30 * Math.sin(0.001 * i));
}

async function* rows({ name, model }: BenchModel, [must, goal]: Aims): AsyncIterable<Entry> {
  const input = inputFor(model);
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

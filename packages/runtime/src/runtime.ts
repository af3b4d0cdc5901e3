import {
  type Decoder,
  elementCount,
  type Layer,
  type Model,
  type Parametrization,
  type Shape,
  type Weight,
} from '@pare/core';
import { decodeModel, type Limits } from '@pare/format/decode';
import { type CostTable, createKernels, type KernelName, type Kernels } from '@pare/sparse-kernels';
import type { ThreadedKernels } from '@pare/sparse-kernels/threads';
import { NetworkError } from './network-error.ts';
import { networkInput, type Pixels } from './network-input.ts';
import { type Plan, planNetwork } from './plan-network.ts';
import { loadSteps, type StepLoader } from './step-loader.ts';

export interface RuntimeOptions {
  /**
   * Decoders beside `streams@1`: `[adaptive]` of `@pare/format/adaptive` for files that were written with adaptive coding,
   * `wasmDecoders` of `@pare/format/wasm` for all, faster; those of plugins. Default none.
   */
  readonly decoders?: readonly Decoder[];
  /** For forms of weights beyond dense, masked and shared. Default none. */
  readonly parametrizations?: readonly Parametrization[];
  /** What kernels cost on this machine, from `tune` of `@pare/sparse-kernels`; default: as measured on ours. */
  readonly costs?: CostTable;
  /** What is refused of a file before memory is taken for it. */
  readonly limits?: Limits;
  /** The most memory that weights, activations and scratch may take, in bytes. Default 2 GiB. */
  readonly maximumBytes?: number;
  /** Several threads: `threads(2)` or `threads()` of `@pare/runtime/threads`. Default: the calling thread alone. */
  readonly threads?: StartThreads;
}

/** Makes kernels that run layers with several threads. */
export type StartThreads = (limits: { readonly maximumBytes: number }) => ThreadedKernels;

/** A network that is ready to run, in memory of its own. */
export interface Runtime {
  readonly layers: readonly Layer[];
  /** `[C, H, W]` or `[C]`. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Names of the answers, if the file has them. */
  readonly labels: readonly string[];
  /** For each step that has weights: its layer, and the kernel that was chosen for it. Complete once all weights are there. */
  readonly kernels: readonly { readonly layer: string; readonly kernel: KernelName }[];
  /** Threads that compute at the moment: 1 without the option, where memory cannot be shared, and until the others have started. */
  readonly threads: number;
  /** What weights, activations and scratch take; scratch is there once all weights are. */
  readonly memoryBytes: number;
  /** What a run reads of weights, and of what says where they belong. */
  readonly weightBytesPerRun: number;
  /**
   * Computes the output of one example. Runs of one runtime come one after the other.
   *
   * @param input - numbers in the order of `inputShape`, as the network wants them; or a picture (`ImageData`), from which the
   *   network's own preprocessing makes them
   * @throws NetworkError `'not-finite'` if a number is NaN or infinite; RangeError if there are too few or too many; Error after
   *   `dispose`
   */
  run(input: Float32Array | Pixels): Promise<Float32Array>;
  /** The same at once. `out` receives the numbers; default a new array. */
  runSync(input: Float32Array | Pixels, out?: Float32Array): Float32Array;
  /** Waits for all threads, and runs the network a few times on zeros, until the engine has compiled the kernels for speed. */
  warmUp(): Promise<void>;
  /** Gives the memory back and ends the other threads. What still runs ends in an error. */
  dispose(): void;
}

/**
 * Makes a network ready to run: decodes it, checks it, plans its memory, and lays its weights out for the kernels.
 *
 * @param source - the bytes of a `.pare` file, or a model
 * @throws TypeError if it is neither; NetworkError if the network cannot be run, naming the layer; CorruptDataError, MissingPartError as `decodeModel` does;
 *   RangeError if it takes more than `maximumBytes`; of `run`, ThreadError if a thread did not do its part
 * @example
 * const layers = [
 *   { kind: 'input', name: 'data', inputs: [], outputShape: [3] },
 *   { kind: 'relu', name: 'relu', inputs: ['data'], outputShape: [3] },
 * ];
 * createRuntime({ layers, weights: [], history: [] }).runSync(Float32Array.of(1, -2, 3)) // Float32Array [1, 0, 3]
 */
export function createRuntime(source: Uint8Array | Model, options: RuntimeOptions = {}): Runtime {
  const model = source instanceof Uint8Array ? decodeModel(source, options) : source;
  if (!model.layers)
    throw new TypeError('createRuntime: "source" expected a Uint8Array, or a model: new Uint8Array(buffer)');
  const { runtime, add, complete } = openRuntime(model, model.weights, options);
  try {
    for (const weight of model.weights) add(weight);
    complete();
  } catch (error) {
    runtime.dispose();
    throw error;
  }
  return runtime;
}

/** What of a model is known before its weights are. */
export interface NetworkHeader {
  readonly layers: readonly Layer[];
  readonly labels?: readonly string[];
}

/** A runtime whose weights have yet to come. `run` waits for them, layer by layer. */
export interface OpenedRuntime {
  readonly runtime: Runtime;
  add(weight: Weight): void;
  /** All weights have been added: takes the memory that runs need for themselves. */
  complete(): void;
  /** No more weights will come. */
  fail(reason: unknown): void;
}

/** @param weights - that will come */
export function openRuntime(
  header: NetworkHeader,
  weights: readonly Pick<Weight, 'name' | 'shape'>[],
  options: RuntimeOptions,
): OpenedRuntime {
  const { maximumBytes = MOST_BYTES, threads } = options;
  const shapes = new Map<string, Shape>();
  for (const { name, shape } of weights) {
    if (shapes.has(name)) throw new NetworkError('duplicate-weight', '', `two weights have the name "${name}"`);
    shapes.set(name, shape);
  }
  const plan = planNetwork(header.layers, shapes);
  const threaded = threads?.({ maximumBytes });
  const kernels = threaded ?? createKernels({ maximumBytes });
  try {
    const base = kernels.allocate(plan.bytes + SLACK);
    const loader = loadSteps(kernels, plan.steps, options);
    const { runtime, complete } = runtimeOf(header, plan, { kernels, threaded, base, loader });
    return { runtime, complete, add: loader.add, fail: loader.fail };
  } catch (error) {
    threaded?.dispose();
    throw error;
  }
}

const MOST_BYTES = 2 ** 31;
/** Kernels may read so far beyond the end of what they are given. */
const SLACK = 64;
/** V8 compiles a kernel for speed when it has been busy for some milliseconds. */
const WARM_UP_RUNS = 4;

interface Loaded {
  readonly kernels: Kernels;
  /** The same, if there are several threads. */
  readonly threaded: ThreadedKernels | undefined;
  /** Address of the activations. */
  readonly base: number;
  readonly loader: StepLoader;
}

function runtimeOf(
  { layers, labels = [] }: NetworkHeader,
  plan: Plan,
  loaded: Loaded,
): Pick<OpenedRuntime, 'runtime' | 'complete'> {
  const { input, output, steps } = plan;
  const [inputCount, outputCount] = [elementCount(input.shape), elementCount(output.shape)];
  let alive: Loaded | undefined = loaded; // undefined once disposed of, so that nothing holds the memory
  let scratch = { address: 0, bytes: 0 };
  let last: Promise<unknown> = Promise.resolve(); // the run before

  const now = (): Loaded => {
    if (alive) return alive;
    throw new Error('run: this runtime has been disposed of: make another with createRuntime');
  };
  const scratchFor = ({ kernels, loader }: Loaded): number => {
    const { scratchBytes } = loader.sizes;
    if (scratchBytes > scratch.bytes)
      scratch = { address: kernels.allocate(scratchBytes + SLACK), bytes: scratchBytes };
    return scratch.address;
  };
  const give = (numbers: Float32Array): void => {
    const { kernels, base } = now();
    kernels.float32(base + input.offset, inputCount).set(numbers);
  };
  const take = (out: Float32Array = new Float32Array(outputCount)): Float32Array => {
    const { kernels, base } = now();
    out.set(kernels.float32(base + output.offset, outputCount));
    return out;
  };
  const runAsSoonAsReady = async (numbers: Float32Array): Promise<Float32Array> => {
    give(numbers);
    for (let i = 0; i < steps.length; i++) {
      const step = now().loader.get(i) ?? (await now().loader.wait(i));
      const { base } = now();
      step.run(base, scratchFor(now()));
    }
    return take();
  };

  const run = async (given: Float32Array | Pixels): Promise<Float32Array> => {
    now();
    const numbers = networkInput(input.layer, given).slice(); // the caller may change it while others run
    const result = last.then(() => runAsSoonAsReady(numbers));
    last = result.catch(() => {});
    return result;
  };

  const runtime: Runtime = {
    layers,
    labels,
    inputShape: input.shape,
    outputShape: output.shape,
    get kernels() {
      return steps.flatMap(({ layer }, i) => {
        const kernel = alive?.loader.get(i)?.kernel;
        return kernel === undefined ? [] : [{ layer: layer.name, kernel }];
      });
    },
    get threads() {
      return alive?.threaded?.threads ?? 1;
    },
    get memoryBytes() {
      return alive?.kernels.used() ?? 0;
    },
    get weightBytesPerRun() {
      return alive?.loader.sizes.readBytes ?? 0;
    },
    run,
    runSync(given, out) {
      const { base, loader } = now();
      if (out && out.length !== outputCount) {
        throw new RangeError(`runSync: "out" expected ${outputCount} numbers, got ${out.length}`);
      }
      const numbers = networkInput(input.layer, given);
      const ready = steps.map(({ layer }, i) => {
        const step = loader.get(i);
        if (step) return step;
        throw new Error(
          `runSync: the weights of layer "${layer.name}" have not arrived: use run, which waits for them`,
        );
      });
      give(numbers);
      const address = scratchFor(now());
      for (const step of ready) step.run(base, address);
      return take(out);
    },
    async warmUp() {
      await now().threaded?.ready;
      for (let i = 0; i < WARM_UP_RUNS; i++) await run(new Float32Array(inputCount));
    },
    dispose() {
      alive?.loader.fail(new Error('run: this runtime has been disposed of while it waited'));
      alive?.threaded?.dispose();
      alive = undefined;
    },
  };
  return { runtime, complete: () => void scratchFor(now()) };
}

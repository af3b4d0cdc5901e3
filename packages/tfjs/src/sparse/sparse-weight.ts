import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SparseCall, SparseLayer } from './sparse-call.ts';
import type { SparseMemory } from './sparse-memory.ts';

/** What became of a weight for one kind of call. */
export interface SparseChoice {
  /** Name of the weight. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Share of numbers that are not zero. */
  readonly density: number;
  /** Of the input that it meets. */
  readonly inputShape: readonly number[];
  /** The kernel that runs: one of ours, or `'tfjs'`. */
  readonly kernel: string;
  /** Milliseconds, the least of some runs, where both were tried; tfjs's own and ours. */
  readonly milliseconds?: { readonly tfjs: number; readonly ours: number };
}

type Prepare = (call: SparseCall) => SparseLayer | undefined;

/** A weight of a model that may run sparsely. */
export interface SparseWeight {
  /** Runs one of our kernels, or says by undefined that tfjs's own is better. */
  run(
    kernelName: string,
    call: Omit<SparseCall, 'memory'>,
    prepare: Prepare,
    stock: () => TensorInfo | TensorInfo[],
  ): TensorInfo | undefined;
}

/** A layer that is used, and the bias that it was made with. */
interface Chosen {
  readonly layer: SparseLayer;
  readonly bias: Float32Array | undefined;
}

const same = (a: Float32Array | undefined, b: Float32Array | undefined): boolean =>
  a?.length === b?.length && (!a || !b || a.every((value, i) => value === b[i]));

/** Runs of each kernel before one is chosen. */
const TRIES = 5;

/**
 * Makes a weight that decides at its first call with inputs of some shape: it prepares a sparse kernel, runs both it and tfjs's own some
 * times in turn, and keeps the faster.
 *
 * @param isForced - the sparse kernel is used wherever there is one
 * @param onChoice - called with each decision
 */
export function sparseWeight(
  { name, shape, density }: Pick<SparseChoice, 'name' | 'shape' | 'density'>,
  memory: SparseMemory,
  isForced: boolean,
  onChoice: (choice: SparseChoice) => void,
): SparseWeight {
  const layers = new Map<string, Chosen | undefined>();
  const discard = ({ dataId }: TensorInfo): void => {
    (memory.backend as unknown as { disposeData(id: object): void }).disposeData(dataId);
  };
  const inputShapeOf = ({ inputs: { x, a } }: SparseCall): readonly number[] => [...(x ?? a)!.shape];
  const biasOf = ({ inputs: { bias } }: SparseCall): Float32Array | undefined => bias && memory.viewOf(bias);
  const decide = (call: SparseCall, prepare: Prepare, stock: () => TensorInfo | TensorInfo[]): Chosen | undefined => {
    const about = { name, shape, density, inputShape: inputShapeOf(call) };
    const mark = memory.kernels.mark();
    let chosen: Chosen | undefined;
    try {
      const layer = prepare(call);
      if (!layer || isForced) {
        onChoice({ ...about, kernel: layer?.kernel ?? 'tfjs' });
        chosen = layer && { layer, bias: biasOf(call)?.slice() };
        return chosen;
      }
      const [ours, tfjs] = fastest(
        () => discard(layer.run(call)),
        () => [stock()].flat().forEach(discard),
      );
      const isFaster = ours < tfjs;
      onChoice({ ...about, kernel: isFaster ? layer.kernel : 'tfjs', milliseconds: { tfjs, ours } });
      chosen = isFaster ? { layer, bias: biasOf(call)?.slice() } : undefined;
      return chosen;
    } finally {
      // Also after an error, such as no room for the weights.
      if (!chosen) memory.kernels.release(mark);
    }
  };
  return {
    run(kernelName, given, prepare, stock) {
      const call = { ...given, memory };
      const { inputs, attributes } = call;
      const shapes = Object.entries(inputs).map(([input, tensor]) => [input, tensor?.shape]);
      const key = JSON.stringify([kernelName, shapes, attributes]);
      if (!layers.has(key)) layers.set(key, decide(call, prepare, stock));
      const chosen = layers.get(key);
      if (!chosen) return undefined;
      if (same(chosen.bias, biasOf(call))) return chosen.layer.run(call);
      // The bias was trained or replaced, whereas the layer has the old one.
      layers.set(key, undefined);
      onChoice({ name, shape, density, inputShape: inputShapeOf(call), kernel: 'tfjs' });
      return undefined;
    },
  };
}

/** The least time of each, in milliseconds, of runs that take turns; the first of each is not counted. */
function fastest(one: () => void, other: () => void): readonly [number, number] {
  const timed = (run: () => void): number => {
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  let least: readonly [number, number] = [Infinity, Infinity];
  for (let i = 0; i <= TRIES; i++) {
    const times = [timed(one), timed(other)] as const;
    if (i > 0) least = [Math.min(least[0], times[0]), Math.min(least[1], times[1])];
  }
  return least;
}

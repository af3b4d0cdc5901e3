import { MissingPartError } from '@pare/core';
import { backend, getBackend, type Tensor } from '@tensorflow/tfjs-core';
import { installSparseKernels, sparseWeights } from './install.ts';
import { openSparseMemory } from './sparse-memory.ts';
import { type SparseChoice, sparseWeight } from './sparse-weight.ts';

/** A layers model or a graph model: anything that shows its weights as one of these does. */
export interface ModelWithWeights {
  /** Of a layers model: its variables; of a graph model: tensors by name. */
  readonly weights: readonly { readonly name: string; read(): Tensor }[] | Readonly<Record<string, readonly Tensor[]>>;
}

export interface SparsifyOptions {
  /** Weights that are denser are left alone, 0 … 1. Default 0.6: above it no sparse kernel is known to win. */
  readonly maxDensity?: number;
  /** `'measured'` (the default) keeps whichever of both kernels is faster, for each weight and shape of input; `'sparse'` ours. */
  readonly kernels?: 'measured' | 'sparse';
}

/** What {@link sparsify} has done. */
export interface Sparsified {
  /** Weights that may run sparsely. */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly density: number }[];
  /** What was chosen so far: nothing before the model has run once, which is when kernels are measured. */
  readonly choices: readonly SparseChoice[];
  /** Bytes that sparse weights take beside the dense ones. */
  readonly weightBytes: number;
  /** Makes the model run dense again, and gives back the memory. */
  dispose(): void;
}

/**
 * Lets a tfjs model use sparse kernels for its pruned weights, on the backend `'wasm'`: `predict`, `execute` and gradients stay as they
 * are, and give the same up to rounding.
 *
 * Weights stay where they are, and nonzeros are put beside them. The first run with inputs of some shape measures both kernels of
 * each layer and takes some ten times as long. Where a weight or its bias is trained on or replaced, the layer is dense again: sparsify
 * anew. Only of a weight that is written to in place (`momentumStepInPlace`, `adamStepInPlace`) nobody learns: there, dispose first.
 *
 * @throws MissingPartError `'no-sparse-kernels'` where kernels cannot work in the backend's memory: another backend, its threaded build,
 *   an engine without SIMD
 * @throws RangeError if an option is out of its range
 * @example
 * const model = { weights: {} };
 * // sparsify(model).choices
 */
export function sparsify(model: ModelWithWeights, options: SparsifyOptions = {}): Sparsified {
  const { maxDensity = 0.6, kernels = 'measured' } = options;
  if (!(maxDensity > 0 && maxDensity <= 1)) {
    throw new RangeError(`sparsify: "maxDensity" expected a number above 0 and up to 1, got ${maxDensity}`);
  }
  if (kernels !== 'measured' && kernels !== 'sparse') {
    throw new RangeError(`sparsify: "kernels" expected 'measured' or 'sparse', got ${kernels}`);
  }
  const memory = openSparseMemory(backend());
  if (!memory) {
    throw new MissingPartError(
      'no-sparse-kernels',
      'tfjs-backend-wasm',
      `sparsify needs the memory of the tfjs backend "wasm" (4.22.0, SIMD, one thread) in a page that may compile wasm; the current backend is "${getBackend()}": call tf.setBackend('wasm') first`,
    );
  }
  installSparseKernels();
  const choices: SparseChoice[] = [];
  const weights = tensorsOf(model).flatMap(({ name, tensor }) => {
    const { shape, dtype, dataId } = tensor;
    if (dtype !== 'float32' || (shape.length !== 2 && shape.length !== 4)) return [];
    const density = densityOf(memory.viewOf(tensor));
    if (density > maxDensity) return [];
    const about = { name, shape: [...shape], density };
    const weight = sparseWeight(about, memory, kernels === 'sparse', (choice) => choices.push(choice));
    sparseWeights.set(dataId, weight);
    return [{ about, dataId, weight }];
  });
  return {
    weights: weights.map(({ about }) => about),
    choices,
    get weightBytes() {
      return memory.kernels.used();
    },
    dispose() {
      // A model that was sparsified once more since then keeps what that has made of it.
      for (const { dataId, weight } of weights) if (sparseWeights.get(dataId) === weight) sparseWeights.delete(dataId);
      memory.free();
    },
  };
}

function tensorsOf({ weights }: ModelWithWeights): { readonly name: string; readonly tensor: Tensor }[] {
  if (isList(weights)) return weights.map((weight) => ({ name: weight.name, tensor: weight.read() }));
  return Object.entries(weights).flatMap(([name, tensors]) => tensors.map((tensor) => ({ name, tensor })));
}

const isList = <T>(weights: readonly T[] | object): weights is readonly T[] => Array.isArray(weights);

function densityOf(values: Float32Array): number {
  let kept = 0;
  for (const value of values) if (value !== 0) kept++;
  return kept / Math.max(1, values.length);
}

import {
  checkNames,
  denseWeight,
  kernels,
  matches,
  type PerWeight,
  placedWeights,
  type Random,
  resolvePerWeight,
  type Selector,
  type Stage,
  selectorText,
  type Weight,
} from '@pare/core';
import { type Factorization, factorizedLayers } from './factorized-layers.ts';
import { lowRankFactors } from './low-rank.ts';

export interface FactorizeOptions {
  /** Directions that are left of a layer's inputs, for each group of a convolution; layers that it says nothing about stay. */
  readonly rank: PerWeight<number>;
  /** Whose kernels; default all of convolution and dense layers. */
  readonly select?: Selector;
}

/**
 * Makes a stage that replaces layers by two thinner ones, `<layer>/basis` and `<layer>`: see `factorizedLayers` for the layers
 * and `lowRankFactors` for the weights. A layer whose factors would not be fewer weights stays as it is.
 *
 * It changes the network, which other stages do not: there are new names, and kernels have new shapes. So it comes before pruning
 * and sharing, and is worth some retraining. A topology in another program's format no longer fits and is dropped; a mask is too,
 * since a factor of a sparse matrix is not sparse.
 *
 * @throws RangeError if a name in `rank` is no weight or layer, a rank is no whole number ≥ 1, or a kernel is shared or not finite
 * @example
 * factorize({ rank: { byName: { ip1: 50 } } }).options // { rank: { byName: { ip1: 50 } } }
 */
export function factorize({ rank, select }: FactorizeOptions): Stage {
  return {
    name: 'factorize',
    options: { rank, ...(select !== undefined && { select: selectorText(select, 'select') }) },
    run(model, { random, signal, report }) {
      checkNames('factorize', 'rank', rank, model);
      const places = placedWeights(model).filter((placed) => placed.role === 'kernel');
      const ranks = new Map(
        places
          .filter((placed) => matches(select ?? kernels, placed))
          .map((placed) => [placed.weight.name, resolvePerWeight(rank, placed)]),
      );
      const { layers, factorizations } = factorizedLayers(model.layers, ({ kernel }) => ranks.get(kernel));
      if (factorizations.length === 0) return model;
      const byKernel = new Map(factorizations.map((factorization) => [factorization.layer.kernel, factorization]));
      let done = 0;
      const weights = model.weights.flatMap((weight) => {
        const factorization = byKernel.get(weight.name);
        if (!factorization) return [weight];
        signal?.throwIfAborted();
        report({ stage: 'factorize', fraction: done++ / factorizations.length });
        return factorsOf(weight, factorization, random.fork(weight.name));
      });
      const { topology: _, ...rest } = model;
      return { ...rest, layers, weights };
    },
  };
}

/** The kernels of both layers: what a group has is a matrix of its own, row after row. */
function factorsOf({ name, form }: Weight, factorization: Factorization, random: Random): Weight[] {
  const { layer, rank, rows, columns, basis } = factorization;
  if (!('values' in form)) {
    throw new RangeError(
      `factorize: "${name}" expected dense or masked weights, got ${form.kind}: factorize before sharing`,
    );
  }
  const groups = layer.kind === 'conv2d' ? layer.groups : 1;
  const left = new Float32Array(groups * rows * rank);
  const right = new Float32Array(groups * rank * columns);
  for (let group = 0; group < groups; group++) {
    const values = form.values.subarray(group * rows * columns, (group + 1) * rows * columns);
    const factors = factorsNamed(name, () =>
      lowRankFactors(values, rows, columns, rank, { random: random.fork(group) }),
    );
    left.set(factors.left, group * rows * rank);
    right.set(factors.right, group * rank * columns);
  }
  const window = layer.kind === 'conv2d' ? layer.kernelSize : [];
  const inputs = columns / window.reduce((a, b) => a * b, 1);
  return [
    denseWeight(basis.kernel, [groups * rank, inputs, ...window], right),
    denseWeight(name, [groups * rows, rank, ...window.map(() => 1)], left),
  ];
}

/** Says whose numbers were wrong. */
function factorsNamed<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof RangeError) throw new RangeError(`factorize: "${name}": ${cause.message}`, { cause });
    throw cause;
  }
}

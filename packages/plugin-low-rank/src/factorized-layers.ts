import { type Conv2dLayer, type DenseLayer, elementCount, kernelShape, type Layer, type Shape } from '@pare/core';

/** A layer that becomes two. */
export interface Factorization {
  /** The one that was there. */
  readonly layer: Conv2dLayer | DenseLayer;
  /** Of each group. */
  readonly rank: number;
  /** The kernel of a group as a matrix: filters of a group, by C/groups · R · S; or units by inputs. */
  readonly rows: number;
  readonly columns: number;
  /** What takes its place: the kernel's right factor, without a bias, and then the left one, of the old name and bias. */
  readonly basis: Conv2dLayer | DenseLayer;
  readonly mixture: Conv2dLayer | DenseLayer;
}

/**
 * Lays out a network some of whose layers become two, without their weights: for tables and sizes. A layer whose factors would
 * have as many weights as its kernel, or more, stays.
 *
 * - `dense` [K, C] becomes `<name>/basis` [rank, C], without a bias, and `<name>` [K, rank];
 * - `conv2d` [K, C, R, S] becomes `<name>/basis`, as many filters of R × S as the rank with the stride and padding of the layer,
 *   and `<name>`, a 1 × 1 convolution of them. With groups, each group has filters of its own.
 *
 * @param rankOf - undefined for a layer that stays
 * @returns the layers, and what became of which
 * @throws RangeError if a rank is no whole number ≥ 1, a kernel serves two layers, or a name is taken
 * @example
 * const { layers } = factorizedLayers(lenet300(), ({ name }) => (name === 'ip1' ? 50 : undefined));
 * layerTable(layers).filter(({ weights }) => weights).map(({ name, weights }) => `${name} ${weights}`).join(', ') // 'ip1/basis 39200, ip1 15000, ip2 30000, ip3 1000'
 * @see Denton, Zaremba, Bruna, LeCun, Fergus 2014, arXiv:1404.0736, sections 3.2 and 3.3
 */
export function factorizedLayers(
  layers: readonly Layer[],
  rankOf: (layer: Conv2dLayer | DenseLayer) => number | undefined,
): { readonly layers: Layer[]; readonly factorizations: readonly Factorization[] } {
  const shapes = new Map(layers.map(({ name, outputShape }) => [name, outputShape]));
  const kernels = new Map<string, string>();
  const factorizations: Factorization[] = [];
  const all = layers.flatMap((layer): readonly Layer[] => {
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return [layer];
    const other = kernels.get(layer.kernel);
    kernels.set(layer.kernel, layer.name);
    const rank = rankOf(layer);
    if (rank === undefined) return [layer];
    if (other !== undefined) {
      throw new RangeError(`factorize: "${layer.kernel}" serves both "${other}" and "${layer.name}": leave both out`);
    }
    const { rows, columns } = matrixOf(layer, shapes.get(layer.inputs[0] ?? '') ?? []);
    const full = Math.min(rows, columns);
    if (!(Number.isInteger(rank) && rank >= 1)) {
      throw new RangeError(`factorize: "rank" of "${layer.name}" expected a whole number ≥ 1, got ${rank}`);
    }
    if (rank > full || rank * (rows + columns) >= rows * columns) return [layer];
    const basisName = `${layer.name}/basis`;
    if (shapes.has(basisName)) throw new RangeError(`factorize: a layer "${basisName}" is there already`);
    const factorization = { layer, rank, rows, columns, ...pairOf(layer, basisName, rank) };
    factorizations.push(factorization);
    return [factorization.basis, factorization.mixture];
  });
  return { layers: all, factorizations };
}

/** The kernel of one group as a matrix. */
function matrixOf(layer: Conv2dLayer | DenseLayer, input: Shape): { readonly rows: number; readonly columns: number } {
  const [outputs, ...taps] = kernelShape(layer, input);
  return { rows: outputs / (layer.kind === 'conv2d' ? layer.groups : 1), columns: elementCount(taps) };
}

function pairOf(layer: Conv2dLayer | DenseLayer, name: string, rank: number): Pick<Factorization, 'basis' | 'mixture'> {
  const own = { name, kernel: `${name}/kernel` };
  if (layer.kind === 'dense') {
    const { bias: _, ...plain } = layer;
    return { basis: { ...plain, ...own, units: rank, outputShape: [rank] }, mixture: { ...layer, inputs: [name] } };
  }
  const { bias: _, ...plain } = layer;
  const { dilation: __, ...mixture } = layer;
  const [, height = 0, width = 0] = layer.outputShape;
  const filters = rank * layer.groups;
  return {
    basis: { ...plain, ...own, filters, outputShape: [filters, height, width] },
    mixture: { ...mixture, inputs: [name], kernelSize: [1, 1], stride: [1, 1], padding: [0, 0, 0, 0] },
  };
}

import { elementCount, type Form, type Layer, type Model, type Shape, type Workload, weightOf } from '@pare/core';
import { geometryOf } from './geometry.ts';

/** Shares of numbers that are not zero, of one layer. */
export interface Densities {
  readonly weights?: number;
  readonly inputs?: number;
  readonly outputs?: number;
}

export interface WorkloadOptions {
  /** Default 1. */
  readonly batch?: number;
  /** Default 16. */
  readonly weightBits?: number;
  /** Default 16. */
  readonly activationBits?: number;
  /** By name of layer; what is said here is not counted or assumed. */
  readonly densities?: Readonly<Record<string, Densities>>;
  /** Share taken for numbers that have passed a ReLU, where nothing else is known; default 0.5. */
  readonly afterRelu?: number;
}

/**
 * Lists what a network asks of hardware, a workload for each layer with a kernel.
 *
 * Inputs and outputs are taken for dense, or, where a ReLU (a batch normalisation before it or not) stands between, for `afterRelu`, unless
 * `densities` says otherwise. A dense layer after a flattened map sees the map.
 *
 * @example
 * workloadsOf([]).length // 0
 */
export function workloadsOf(layers: readonly Layer[], options: WorkloadOptions = {}): Workload[] {
  const { batch = 1, weightBits = 16, activationBits = 16, densities = {}, afterRelu = 0.5 } = options;
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const readers = new Map<string, Layer[]>();
  for (const layer of layers)
    for (const input of layer.inputs) readers.set(input, [...(readers.get(input) ?? []), layer]);
  return layers.flatMap((layer) => {
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return [];
    const source = sourceOf(layer, byName);
    const told = densities[layer.name];
    return [
      {
        layer,
        inputShape: layer.kind === 'dense' ? mapBefore(source, byName).outputShape : source.outputShape,
        batch,
        weightDensity: told?.weights ?? 1,
        weightBits,
        inputDensity: told?.inputs ?? (isRectified(source, byName) ? afterRelu : 1),
        outputDensity: told?.outputs ?? (meetsRelu(layer, readers) ? afterRelu : 1),
        activationBits,
      },
    ];
  });
}

/**
 * The same of a model: kernels come along, and their density is counted.
 *
 * @param valuesOf - numbers of forms that are not built in
 * @throws TypeError naming the weight if its form is unknown and `valuesOf` is not given
 */
export function modelWorkloads(
  model: Model,
  options: WorkloadOptions = {},
  valuesOf: (form: Form, name: string) => Float32Array = builtInValues,
): Workload[] {
  return workloadsOf(model.layers, options).map((work) => {
    const { layer } = work;
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return work;
    const weights = valuesOf(weightOf(model, layer.kernel).form, layer.kernel);
    let kept = 0;
    for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) kept++;
    return { ...work, weights, weightDensity: weights.length === 0 ? 0 : kept / weights.length };
  });
}

function builtInValues(form: Form, name: string): Float32Array {
  if (form.kind === 'shared') {
    const { codebook, indices, mask } = form;
    return Float32Array.from(indices, (index, i) => (mask[i] ? codebook[index]! : 0));
  }
  if (form.kind === 'dense' || form.kind === 'masked') return form.values;
  const { kind } = form as Form;
  throw new TypeError(`modelWorkloads: "${name}" has the form "${kind}": give valuesOf, which knows its numbers`);
}

/**
 * Bytes that must be held to run a batch: weights that are not zero, of so many bits each, without what tells where they stand; and the
 * largest input of a layer with its output.
 *
 * @throws RangeError naming the layer if one is impossible
 */
export function memoryBytes(works: readonly Workload[]): { readonly weights: number; readonly activations: number } {
  const size = (shape: Shape, { batch, activationBits }: Workload) =>
    (elementCount(shape) * batch * activationBits) / 8;
  let [weights, activations] = [0, 0];
  for (const work of works) {
    weights += (work.weightBits / 8) * work.weightDensity * (geometryOf(work)?.weights ?? 0);
    activations = Math.max(activations, size(work.inputShape, work) + size(work.layer.outputShape, work));
  }
  return { weights, activations };
}

function sourceOf(layer: Layer, byName: ReadonlyMap<string, Layer>): Layer {
  const source = layer.inputs[0] === undefined ? undefined : byName.get(layer.inputs[0]);
  if (!source) throw new RangeError(`hardware: layer "${layer.name}" takes "${layer.inputs[0]}", which no layer makes`);
  return source;
}

const mapBefore = (layer: Layer, byName: ReadonlyMap<string, Layer>): Layer =>
  layer.kind === 'flatten' ? mapBefore(sourceOf(layer, byName), byName) : layer;

const isRelu = (layer: Layer): boolean =>
  layer.kind === 'relu' || (layer.kind === 'activation' && layer.function === 'relu6');

/** Whether a layer's numbers pass a ReLU before anything else takes them. */
function meetsRelu({ name }: Layer, readers: ReadonlyMap<string, readonly Layer[]>): boolean {
  const next = readers.get(name) ?? [];
  return (
    next.length > 0 && next.every((each) => isRelu(each) || (each.kind === 'batchnorm' && meetsRelu(each, readers)))
  );
}

/** Whether all numbers have passed a ReLU since the last layer that made new ones. */
function isRectified(layer: Layer, byName: ReadonlyMap<string, Layer>): boolean {
  if (isRelu(layer)) return true;
  if (!['pool', 'lrn', 'flatten', 'concat'].includes(layer.kind)) return false;
  return layer.inputs.every((input) => {
    const source = byName.get(input);
    return source !== undefined && isRectified(source, byName);
  });
}

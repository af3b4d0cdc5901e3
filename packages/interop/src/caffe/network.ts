import { MissingPartError, type Preprocess } from '@pare/core';
import { type Extent, Graph, type Operation, type Tensor, type Value } from '../graph.ts';
import { inShape, readBlob } from './blob.ts';
import type { BlobProto, BlobShape, LayerParameter, NetParameter } from './schema.ts';

/**
 * Makes layers of a network of Caffe, as it runs after training.
 *
 * Dropout and copies are left out and their users rewired; layers in place take what was there before them; BatchNorm and the
 * Scale after it become one; what an inner product flattens is flattened by a layer of its own. Weights are named
 * `<layer>/kernel` and so on.
 *
 * @param net - what is computed
 * @param blobs - the weights, by layer
 * @param fileBytes - size of the file that they are from
 * @throws CorruptDataError if weights do not have the shape that their layer implies
 * @throws MissingPartError if a layer's weights are not there
 */
export function readNetwork(
  net: NetParameter,
  blobs: ReadonlyMap<string, readonly BlobProto[]>,
  fileBytes?: number,
): Graph {
  const graph = new Graph(fileBytes);
  const current = new Map<string, Value>();
  const inputs = net.input ?? [];
  inputs.forEach((name, i) => {
    const dims = net.input_shape?.[i]?.dim ?? net.input_dim?.slice(4 * i, 4 * i + 4);
    current.set(name, graph.input(name, withoutBatch(dims)));
  });
  const layers = layersAtWork(net);
  const sole = soleUsers(layers);
  const taken = new Set<string>();
  layers.forEach((layer, at) => {
    const { name = '', type = '', bottom = [], top = [] } = layer;
    taken.add(name);
    const known = bottom.flatMap((blob) => current.get(blob) ?? []);
    const operation: NamedOperation = {
      name,
      operation: type,
      inputs: known,
      blobs: (blobs.get(name) ?? []).slice(0, 8), // no layer has more
      isSoleUser: sole[at]!,
    };
    if (bottom.length === 0 && top.length > 0) {
      const [first] = top; // a data layer's others are labels
      current.set(first!, readInput(graph, layer, first!));
      return;
    }
    if (PASSING.has(type) && known[0]) {
      for (const blob of top) current.set(blob, known[0]);
      return;
    }
    if (IDLE.has(type)) {
      graph.note(`layer "${name}" (${type}) serves training: left out`);
      return;
    }
    const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
    const result = read && known[0] ? read(graph, operation, layer) : foreign(graph, operation);
    for (const blob of top) current.set(blob, result);
  });
  for (const name of blobs.keys()) {
    if (!taken.has(name)) graph.note(`the weights of "${name}" belong to no layer: left out`);
  }
  return graph;
}

/** The weights of a network by layer. */
export const blobsOf = (net: NetParameter): ReadonlyMap<string, readonly BlobProto[]> =>
  new Map(layersOf(net).flatMap(({ name = '', blobs }) => (blobs?.length ? [[name, blobs]] : [])));

// ── what comes before the layers ──────────────────────────────────────────────────────────────────────────────────────

/** Layers under the names that types have today: text files of old write `INNER_PRODUCT`. */
const layersOf = ({ layer = [], layers = [] }: NetParameter): readonly LayerParameter[] =>
  [...layers, ...layer].map((one) => ({ ...one, type: typeNamed(one.type ?? '') }));

function typeNamed(type: string): string {
  const old = /^\?([A-Z_]+)$/.exec(type)?.[1];
  if (old === undefined) return type;
  const plain = old.replaceAll('_', '').toLowerCase();
  if (plain === 'softmaxloss') return 'SoftmaxWithLoss';
  return [...Object.keys(READERS), ...PASSING, ...IDLE].find((known) => known.toLowerCase() === plain) ?? old;
}

/**
 * Some layers are there only in training, or only in tests. Of those that give data, a snapshot knows only the one of training.
 */
function layersAtWork(net: NetParameter): readonly LayerParameter[] {
  const layers = layersOf(net);
  const tested = layers.filter(runsInTests);
  const made = new Set([...(net.input ?? []), ...tested.flatMap(({ top = [] }) => top)]);
  return layers.filter((layer) => {
    const { bottom = [], top = [] } = layer;
    return runsInTests(layer) || (bottom.length === 0 && top[0] !== undefined && !made.has(top[0]));
  });
}

const runsInTests = ({ include = [], exclude = [] }: LayerParameter): boolean =>
  (include.length === 0 || include.some(({ phase }) => phase !== 'TRAIN')) &&
  !exclude.some(({ phase }) => phase !== 'TRAIN');

/** Of each layer, whether it alone takes its first input. A layer in place makes something new of the same name. */
function soleUsers(layers: readonly LayerParameter[]): readonly boolean[] {
  const users = new Map<number, number>();
  const maker = new Map<string, number>();
  const makers = layers.map(({ bottom = [], top = [] }, at) => {
    const made = bottom.map((blob) => maker.get(blob) ?? -1);
    for (const one of made) users.set(one, (users.get(one) ?? 0) + 1);
    for (const blob of top) maker.set(blob, at);
    return made[0];
  });
  return makers.map((made) => made !== undefined && users.get(made) === 1);
}

function readInput(graph: Graph, layer: LayerParameter, blob: string): Value {
  const { input_param: input, memory_data_param: memory, transform_param: transform } = layer;
  const crop = transform?.crop_size;
  const colours = transform?.mean_value?.length === 3 ? 3 : null;
  const memoryShape = memory && [1, memory.channels, memory.height, memory.width].map((extent) => extent ?? 0);
  const shape =
    withoutBatch(input?.shape?.[0]?.dim ?? memoryShape) ?? (crop ? ([colours, crop, crop] as const) : undefined);
  if (transform?.mean_file !== undefined) {
    graph.note(`the mean image "${transform.mean_file}" that the input subtracts is not kept`);
  }
  return graph.input(layer.name || blob, shape, transform && preprocessOf(transform, shape?.[0] ?? null));
}

/** Caffe computes (pixel − mean) · scale, on BGR: ours is pixel · scale − mean. */
function preprocessOf(
  { scale = 1, mean_value: mean }: NonNullable<LayerParameter['transform_param']>,
  channels: Extent,
): Preprocess | undefined {
  const finite = Number.isFinite(scale) && (mean ?? []).every((value) => Number.isFinite(value));
  if (!finite || (scale === 1 && !mean)) return undefined;
  return {
    ...(channels === 3 && { channelOrder: 'bgr' }),
    ...(scale !== 1 && { scale }),
    ...(mean && { mean: Array.from(mean, (value) => value * scale) }),
  };
}

function withoutBatch(dims: readonly number[] | undefined): readonly Extent[] | undefined {
  if (!dims || dims.length < 2) return undefined;
  return dims.slice(1, 4).map((extent) => (Number.isSafeInteger(extent) && extent > 0 ? extent : null));
}

// ── layer by layer ────────────────────────────────────────────────────────────────────────────────────────────────────

interface NamedOperation extends Operation {
  readonly blobs: readonly BlobProto[];
  /** Whether nothing else takes its first input. */
  readonly isSoleUser: boolean;
}

/** What changes nothing once a network is trained. */
const PASSING: ReadonlySet<string> = new Set(['Dropout', 'Split']);

/** What the house has no word for, but knows to leave shapes as they are. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...['PReLU', 'AbsVal', 'BNLL', 'Power', 'Exp', 'Log', 'Threshold', 'Clip', 'Swish', 'Scale', 'Bias', 'MVN'],
  ...['LRN', 'Softmax', 'BatchNorm', 'Eltwise'],
]);

/** What a network that runs has no use for. */
const IDLE: ReadonlySet<string> = new Set([
  'Accuracy',
  'Silence',
  'EuclideanLoss',
  'HingeLoss',
  'InfogainLoss',
  'MultinomialLogisticLoss',
  'SigmoidCrossEntropyLoss',
  'ContrastiveLoss',
  'HDF5Output',
]);

const READERS: Readonly<Record<string, (graph: Graph, operation: NamedOperation, layer: LayerParameter) => Value>> = {
  Convolution(graph, operation, { convolution_param: options = {} }) {
    const { num_output: filters = 0, group: groups = 1, bias_term: hasBias = true } = options;
    const kernelSize = pair(options.kernel_size, options.kernel_h, options.kernel_w);
    const stride = pair(options.stride, options.stride_h, options.stride_w, 1);
    const pad = pair(options.pad, options.pad_h, options.pad_w, 0);
    const dilation = pair(options.dilation, undefined, undefined, 1);
    if (!kernelSize || !stride || !pad || !dilation || (options.axis ?? 1) !== 1) {
      return foreign(graph, operation, 'its windows are not those of an image');
    }
    const [stored, storedBias] = weightsOf(operation, hasBias ? 2 : 1);
    const perGroup = stored!.values.length / (filters * kernelSize[0] * kernelSize[1]);
    const kernel = inShape({ ...stored!, name: `${operation.name}/kernel` }, [filters, perGroup, ...kernelSize]);
    const bias = storedBias && inShape({ ...storedBias, name: `${operation.name}/bias` }, [filters]);
    const padding = [pad[0], pad[0], pad[1], pad[1]] as const;
    const tensors = bias ? [kernel, bias] : [kernel];
    return graph.convolution({ ...operation, tensors }, { kernel, bias, stride, padding, dilation, groups });
  },

  InnerProduct(graph, operation, { inner_product_param: options = {} }) {
    const { num_output: units = 0, bias_term: hasBias = true, axis = 1, transpose = false } = options;
    if (axis !== 1 || units < 1) return foreign(graph, operation, 'it goes along another axis');
    const [stored, storedBias] = weightsOf(operation, hasBias ? 2 : 1);
    const inputs = stored!.values.length / units;
    const name = `${operation.name}/kernel`;
    const kernel = transpose
      ? transposed(inShape({ ...stored!, name }, [inputs, units]))
      : inShape({ ...stored!, name }, [units, inputs]);
    const bias = storedBias && inShape({ ...storedBias, name: `${operation.name}/bias` }, [units]);
    return graph.dense({ ...operation, tensors: bias ? [kernel, bias] : [kernel] }, kernel, bias);
  },

  Pooling(graph, operation, { pooling_param: options = {} }) {
    const { pool = 'MAX', round_mode: rounding = 'CEIL', global_pooling: global = false } = options;
    const mode = pool === 'MAX' ? 'max' : 'average';
    if (pool !== 'MAX' && pool !== 'AVE') return foreign(graph, operation, 'it pools by chance');
    if (global) return graph.globalPool(operation, mode);
    const size = pair(asList(options.kernel_size), options.kernel_h, options.kernel_w);
    const stride = pair(asList(options.stride), options.stride_h, options.stride_w, 1);
    const pad = pair(asList(options.pad), options.pad_h, options.pad_w, 0);
    if (!size || !stride || !pad) return foreign(graph, operation, 'its windows are not those of an image');
    if (mode === 'average' && pad.some((zeros) => zeros > 0)) {
      return foreign(graph, operation, 'it averages over its padding too');
    }
    return graph.pool(operation, {
      mode,
      size,
      stride,
      padding: [pad[0], pad[0], pad[1], pad[1]],
      rounding: rounding === 'FLOOR' ? 'floor' : 'ceil',
    });
  },

  ReLU(graph, operation, { relu_param: { negative_slope: slope = 0 } = {} }) {
    return slope === 0 ? graph.relu(operation) : graph.activation(operation, { function: 'leakyRelu', alpha: slope });
  },
  ELU: (graph, operation, { elu_param: { alpha = 1 } = {} }) => graph.activation(operation, { function: 'elu', alpha }),
  Sigmoid: (graph, operation) => graph.activation(operation, { function: 'sigmoid' }),
  TanH: (graph, operation) => graph.activation(operation, { function: 'tanh' }),

  LRN(graph, operation, { lrn_param: options = {} }) {
    const { local_size: size = 5, alpha = 1, beta = 0.75, k = 1, norm_region: region = 'ACROSS_CHANNELS' } = options;
    if (region !== 'ACROSS_CHANNELS') return foreign(graph, operation, 'it normalises within channels');
    return graph.lrn(operation, { size, alpha, beta, k });
  },

  Concat(graph, operation, { concat_param: options = {} }) {
    const axis = options.axis ?? options.concat_dim ?? 1;
    return axis === 1 ? graph.concat(operation) : foreign(graph, operation, 'it goes along another axis');
  },

  Eltwise(graph, operation, { eltwise_param: { operation: what = 'SUM', coeff = [] } = {} }) {
    const sum = what === 'SUM' && Array.from(coeff).every((factor) => factor === 1);
    return sum ? graph.add(operation) : foreign(graph, operation, 'it is no plain sum');
  },

  BatchNorm(graph, operation, { batch_norm_param: { eps = 1e-5 } = {} }) {
    const [mean, variance, count] = weightsOf(operation, 3);
    const total = count!.values[0] ?? 0; // both are sums over so many batches
    const scaled = (tensor: Tensor, role: string): Tensor => ({
      ...tensor,
      name: `${operation.name}/${role}`,
      values: tensor.values.map((value) => (total === 0 ? 0 : value / total)),
    });
    return graph.batchnorm(operation, { mean: scaled(mean!, 'mean'), variance: scaled(variance!, 'variance') }, eps);
  },

  /** After a BatchNorm it is that layer's other half. */
  Scale(graph, operation, { scale_param: { axis = 1, bias_term: hasBias = false } = {} }) {
    const [x] = operation.inputs;
    const [gamma, beta] = weightsOf(operation, hasBias ? 2 : 1);
    const joins = axis === 1 && operation.isSoleUser && graph.scaleBatchnorm(x!, gamma!, beta);
    return joins ? x! : foreign(graph, operation);
  },

  Flatten: (graph, operation) => graph.flatten(operation),
  Reshape(graph, operation, { reshape_param: { shape = {} } = {} }) {
    return flattens(shape) ? graph.flatten(operation) : foreign(graph, operation);
  },
  Softmax: (graph, operation, { softmax_param: { axis = 1 } = {} }) =>
    axis === 1 ? graph.softmax(operation) : foreign(graph, operation, 'it goes along another axis'),

  /** Of a loss, what is left after training: its probabilities. */
  SoftmaxWithLoss: (graph, operation) => graph.softmax({ ...operation, inputs: operation.inputs.slice(0, 1) }),
};

const flattens = ({ dim = [] }: BlobShape): boolean => dim.length === 2 && dim[0] === 0 && dim[1] === -1;

function foreign(graph: Graph, operation: NamedOperation, why?: string): Value {
  const tensors = operation.blobs.map((blob, i) => readBlob(`${operation.name}/${i}`, blob));
  const shape = ELEMENTWISE.has(operation.operation) ? operation.inputs[0]?.shape : undefined;
  return graph.foreign({ ...operation, tensors }, shape, why);
}

function weightsOf({ name, blobs }: NamedOperation, count: number): readonly Tensor[] {
  if (blobs.length < count) {
    throw new MissingPartError(
      'no-weights',
      name,
      `layer "${name}" needs ${count} weights, the .caffemodel has ${blobs.length} of that name: do the two files belong together?`,
    );
  }
  return blobs.slice(0, count).map((blob, i) => readBlob(`${name}/${i}`, blob));
}

/** Extents of a window, rows and columns: one number for both, or each by its own; undefined if they are for no image. */
function pair(
  both: readonly number[] = [],
  rows?: number,
  columns?: number,
  absent?: number,
): readonly [number, number] | undefined {
  if (both.length > 2) return undefined;
  const [first = absent, second = first] = both;
  const [height, width] = [rows ?? first, columns ?? second];
  return height === undefined || width === undefined ? undefined : [height, width];
}

const asList = (value: number | undefined): readonly number[] | undefined =>
  value === undefined ? undefined : [value];

// [C, K] becomes [K, C]
function transposed({ name, shape, values }: Tensor): Tensor {
  const [C, K] = shape as [number, number];
  const turned = new Float32Array(values.length);
  for (let k = 0; k < K; k++) for (let c = 0; c < C; c++) turned[k * C + c] = values[c * K + k]!;
  return { name, shape: [K, C], values: turned };
}

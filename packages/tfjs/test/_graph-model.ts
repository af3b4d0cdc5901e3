import { type Random, seededRandom } from '@pare/core';

/** How the converter stores a float tensor. */
type Storage = 'float32' | 'float16' | 'uint8' | 'uint16';

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype?: 'float32' | 'int32';
  readonly storage?: Storage;
}

interface Node {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

/** A graph model as a converter would leave it in a folder. */
export interface GraphFiles {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly inputShape: readonly [number, number, number, number];
}

/**
 * Writes the `model.json` and shards of a graph model with everything that converters fuse and quantise:
 * two branches of convolutions, one depthwise, joined; batch normalisation; a product after flattening.
 *
 * The tensors are in two groups, the second cut into two shards in the middle of a tensor.
 *
 * @param foreign - whether there are also operations that the house has no words for
 */
export function graphModel({
  seed = 1,
  foreign = true,
}: {
  readonly seed?: number;
  readonly foreign?: boolean;
} = {}): GraphFiles {
  const random = seededRandom(seed);
  const nodes: Node[] = [];
  const tensors: Tensor[] = [];
  const constant = (name: string, shape: readonly number[], storage: Storage, spread = 1, least = -spread): string => {
    const count = shape.reduce((a, b) => a * b, 1);
    const draw: Random = random.fork(name);
    const values = Array.from({ length: count }, () => least + (spread - least) * draw.float());
    tensors.push({ name, shape, values, storage });
    nodes.push({
      name,
      op: 'Const',
      attr: { value: { tensor: { dtype: 'DT_FLOAT', tensorShape: dims(shape) } }, dtype: FLOAT },
    });
    return name;
  };
  const whole = (name: string, values: readonly number[], shape: readonly number[] = [values.length]): string => {
    tensors.push({ name, shape, values, dtype: 'int32' });
    nodes.push({
      name,
      op: 'Const',
      attr: { value: { tensor: { dtype: 'DT_INT32', tensorShape: dims(shape) } }, dtype: { type: 'DT_INT32' } },
    });
    return name;
  };
  const node = (
    name: string,
    op: string,
    input: readonly string[],
    attr: Readonly<Record<string, unknown>> = {},
  ): string => {
    nodes.push({ name, op, input, attr: { T: FLOAT, ...attr } });
    return name;
  };
  const window = (stride: number, padding: string, more: Readonly<Record<string, unknown>> = {}) => ({
    strides: whole64([1, stride, stride, 1]),
    padding: text(padding),
    data_format: text('NHWC'),
    dilations: whole64([1, 1, 1, 1]),
    explicit_paddings: { list: {} },
    ...more,
  });
  const fused = (...ops: readonly string[]) => ({
    fused_ops: { list: { s: ops.map((op) => text(op).s) } },
    num_args: { i: '1' },
    epsilon: { f: 0 },
  });

  nodes.push({
    name: 'image',
    op: 'Placeholder',
    attr: { dtype: FLOAT, shape: { shape: { dim: [{ size: '-1' }, { size: '13' }, { size: '12' }, { size: '3' }] } } },
  });
  if (foreign) node('scaled', 'Mul', ['image', constant('scale', [], 'float32', 0.5, 0.5)]);
  node('padded', 'Pad', [foreign ? 'scaled' : 'image', whole('paddings', [0, 0, 1, 1, 1, 1, 0, 0], [4, 2])]);
  node(
    'net/conv1',
    '_FusedConv2D',
    ['padded', constant('net/conv1/kernel', [3, 3, 3, 8], 'float16'), constant('net/conv1/bias', [8], 'float32', 0.1)],
    window(2, 'VALID', fused('BiasAdd', 'Relu')),
  );
  node(
    'net/depthwise',
    'FusedDepthwiseConv2dNative',
    [
      'net/conv1',
      constant('net/depthwise/kernel', [3, 3, 8, 2], 'uint8'),
      constant('net/depthwise/bias', [16], 'float32', 0.1),
    ],
    // Some converters write texts as lists of character codes.
    { ...window(1, 'SAME', fused('BiasAdd', 'Relu6')), data_format: { s: [78, 72, 87, 67] } },
  );
  node(
    'net/point',
    'Conv2D',
    ['net/depthwise', constant('net/point/kernel', [1, 1, 16, 24], 'uint8')],
    window(1, 'SAME'),
  );
  node('net/point/read', 'Identity', ['net/point', '^net/conv1']);
  node(
    'net/norm',
    'FusedBatchNormV3',
    [
      'net/point/read',
      constant('net/norm/gamma', [24], 'float32', 1.5, 0.5),
      constant('net/norm/beta', [24], 'float32', 0.5),
      constant('net/norm/mean', [24], 'float16', 0.5),
      constant('net/norm/variance', [24], 'float16', 2, 0.5),
    ],
    { U: FLOAT, epsilon: { f: 1e-3 }, data_format: text('NHWC'), is_training: { b: false } },
  );
  node('net/norm/relu', 'Relu', ['net/norm']);
  node(
    'net/shortcut',
    'Conv2D',
    ['net/conv1', constant('net/shortcut/kernel', [3, 3, 8, 24], 'uint16')],
    window(1, 'SAME'),
  );
  node('net/shortcut/add', 'BiasAdd', ['net/shortcut', constant('net/shortcut/bias', [24], 'float16', 0.1)]);
  node('net/sum', 'AddV2', ['net/norm/relu', 'net/shortcut/add']);
  node('net/both', 'ConcatV2', ['net/sum', 'net/depthwise', whole('net/axis', [3], [])], { N: { i: '2' } });
  node('net/pool', 'MaxPool', ['net/both'], { ...window(2, 'SAME'), ksize: whole64([1, 3, 3, 1]) });
  node('net/mean', 'Mean', ['net/both', whole('net/axes', [1, 2])], { keep_dims: { b: false } });
  node('net/flat', 'Reshape', ['net/pool', whole('net/flat/shape', [-1, 4 * 3 * 40])]);
  node(
    'net/hidden',
    '_FusedMatMul',
    [
      'net/flat',
      constant('net/hidden/kernel', [4 * 3 * 40, 40], 'uint8', 0.2),
      constant('net/hidden/bias', [40], 'float32', 0.1),
    ],
    { transpose_a: { b: false }, transpose_b: { b: false }, ...fused('BiasAdd', 'Elu') },
  );
  node('net/joined', 'Add', ['net/hidden', 'net/mean']);
  node('net/logits', 'MatMul', ['net/joined', constant('net/logits/kernel', [7, 40], 'float16')], {
    transpose_a: { b: false },
    transpose_b: { b: true },
  });
  node('net/logits/add', 'AddV2', ['net/logits', constant('net/logits/bias', [1, 7], 'float32', 0.1)]);
  if (foreign) node('net/squashed', 'Softplus', ['net/logits/add']);
  node('answer', 'Softmax', [foreign ? 'net/squashed' : 'net/logits/add']);

  const groups = [tensors.slice(0, 6), tensors.slice(6)];
  const files = new Map<string, Uint8Array>([['model.json', new Uint8Array()]]);
  const manifest = groups.map((group, g) => {
    const stored = group.map(store);
    const bytes = concat(stored.map((tensor) => tensor.bytes));
    const cuts = g === 0 ? [0, bytes.length] : [0, 777, bytes.length];
    const paths = cuts.slice(1).map((_, i) => `weights/group${g + 1}-shard${i + 1}of${cuts.length - 1}.bin`);
    for (const [i, path] of paths.entries()) files.set(path, bytes.slice(cuts[i], cuts[i + 1]));
    return { paths, weights: stored.map(({ spec }) => spec) };
  });
  const json = {
    format: 'graph-model',
    generatedBy: '2.11.0',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    signature: {
      inputs: {
        image: {
          name: 'image:0',
          dtype: 'DT_FLOAT',
          tensorShape: { dim: [{ size: '-1' }, { size: '13' }, { size: '12' }, { size: '3' }] },
        },
      },
      outputs: {
        answer: { name: 'answer:0', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '-1' }, { size: '7' }] } },
      },
    },
    modelTopology: { node: nodes, library: {}, versions: { producer: 1087, minConsumer: 12 } },
    userDefinedMetadata: { author: 'a test', __proto: 'kept' },
    weightsManifest: manifest,
  };
  files.set('model.json', new TextEncoder().encode(JSON.stringify(json)));
  return { files, inputShape: [1, 13, 12, 3] };
}

const FLOAT = { type: 'DT_FLOAT' };
const text = (value: string): { s: string } => ({ s: btoa(value) });
const whole64 = (values: readonly number[]) => ({ list: { i: values.map(String) } });
const dims = (shape: readonly number[]) =>
  shape.length > 0 ? { dim: shape.map((size) => ({ size: String(size) })) } : {};

/** As tensorflowjs_converter does it: affine with the range of the values, nudged so that zero is on the grid; or float16. */
function store({ name, shape, values, dtype = 'float32', storage = 'float32' }: Tensor): {
  spec: object;
  bytes: Uint8Array;
} {
  const spec = { name, shape, dtype };
  if (dtype === 'int32') return { spec, bytes: new Uint8Array(Int32Array.from(values).buffer) };
  if (storage === 'float32') return { spec, bytes: new Uint8Array(Float32Array.from(values).buffer) };
  if (storage === 'float16') {
    const bits = Uint16Array.from(values, toFloat16);
    return {
      spec: { ...spec, quantization: { dtype: storage, original_dtype: 'float32' } },
      bytes: new Uint8Array(bits.buffer),
    };
  }
  const highest = storage === 'uint8' ? 255 : 65535;
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const scale = (high - low) / highest;
  const min = -Math.round(-low / scale) * scale;
  const q = values.map((value) => Math.max(0, Math.min(highest, Math.round((value - min) / scale))));
  const bytes = storage === 'uint8' ? Uint8Array.from(q) : new Uint8Array(Uint16Array.from(q).buffer);
  return { spec: { ...spec, quantization: { dtype: storage, min, scale, original_dtype: 'float32' } }, bytes };
}

/** Normal numbers only, cut off. */
function toFloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!;
  const exponent = ((bits >>> 23) & 255) - 112;
  return ((bits >>> 16) & 0x8000) | (exponent > 0 ? (exponent << 10) | ((bits >>> 13) & 1023) : 0);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

import { type Extent, Graph, type Operation, type Tensor, type Value } from '../graph.ts';
import { floatOf, intOf, intsOf, paddingOf, pairOf, shapeOf, textOf } from './attributes.ts';
import { constantOf, dequantized } from './constant.ts';
import { type GatedActivations, gatedActivations } from './gated-activations.ts';
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from './schema.ts';
import { type Constant, readTensor, tensorOf, transposed } from './tensor.ts';

/**
 * Makes layers of an ONNX model. Weights keep the names of its tensors; the kernels of MatMul, and of Gemm where it says so,
 * are transposed.
 *
 * What only serves training or copies is left out; constants that follow from constants are computed (dequantised weights
 * too); an Add of a constant becomes the bias of what is before it; x · sigmoid(x) becomes one activation.
 *
 * @param external - files beside the model, by name
 * @param fileBytes - size of all these files
 * @throws CorruptDataError if a tensor does not fill its shape, or there are more numbers than the files can tell
 */
export function readNetwork(
  { graph: proto = {}, opset_import: opsets = [] }: ModelProto,
  external: ReadonlyMap<string, Uint8Array> = new Map(),
  fileBytes?: number,
): Graph {
  const opset = opsets.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 1;
  return new Reader(proto, opset, external, fileBytes).read();
}

/** A node with what it takes. */
interface Node extends Operation {
  readonly proto: NodeProto;
  /** Each input in its place: what flows, or what is known; undefined where it is left out. */
  readonly given: readonly (Value | Constant | undefined)[];
}

class Reader {
  readonly #graph: Graph;
  readonly #values = new Map<string, Value>();
  readonly #constants = new Map<string, Constant>();
  readonly #used = new Set<string>();
  readonly #users = new Map<string, number>();
  #gated: GatedActivations = { made: new Map(), gates: new Set() };
  /** What the file itself says of shapes between the layers. */
  readonly #infos: ReadonlyMap<string, ValueInfoProto>;
  readonly #proto: GraphProto;
  readonly #opset: number;
  readonly #external: ReadonlyMap<string, Uint8Array>;

  constructor(proto: GraphProto, opset: number, external: ReadonlyMap<string, Uint8Array>, fileBytes?: number) {
    this.#graph = new Graph(fileBytes);
    this.#proto = proto;
    this.#infos = new Map(proto.value_info?.map((info) => [info.name ?? '', info]));
    this.#opset = opset;
    this.#external = external;
  }

  read(): Graph {
    const { node: nodes = [], initializer = [], input = [] } = this.#proto;
    for (const tensor of initializer) {
      const constant = readTensor(tensor, this.#external);
      this.#constants.set(constant.name, constant);
    }
    for (const info of input) {
      const { name = '' } = info;
      if (!this.#constants.has(name)) this.#values.set(name, this.#graph.input(name, shapeOf(info)));
    }
    for (const name of nodes.flatMap((node) => node.input ?? [])) {
      this.#users.set(name, (this.#users.get(name) ?? 0) + 1);
    }
    this.#gated = gatedActivations(nodes, this.#users);
    for (const [i, node] of nodes.entries()) this.#readNode(node, i);
    for (const { name = '' } of initializer) {
      const constant = this.#constants.get(name);
      if (!constant || this.#used.has(name)) continue;
      if (!constant.isFloat) this.#graph.note(`"${name}" holds ${constant.type}, which no layer takes: left out`);
      else if (!constant.isFinite()) this.#graph.note(`"${name}" is not finite and no layer takes it: left out`);
      else {
        this.#graph.note(`"${name}" is taken by no layer`);
        this.#graph.keep(tensorOf(constant));
        this.#use(constant);
      }
    }
    return this.#graph;
  }

  #readNode(proto: NodeProto, index: number): void {
    if (this.#gated.gates.has(proto)) return;
    const { input = [], output = [], op_type: type = '', domain = '' } = proto;
    const given = input.map((name) => this.#values.get(name) ?? this.#constants.get(name));
    const computed = this.#compute(proto, given);
    if (computed) {
      if (output[0] !== undefined) this.#constants.set(output[0], computed);
      return;
    }
    const node: Node = {
      name: proto.name || output[0] || `${type}_${index}`,
      operation: type,
      inputs: given.filter((one): one is Value => one !== undefined && 'layer' in one),
      proto,
      given,
    };
    const known = domain === '' || domain === 'ai.onnx';
    const read = known && Object.hasOwn(this.#readers, type) ? this.#readers[type] : undefined;
    // All but an Add take what flows first and what is constant after it.
    const isUsual = (given[0] && 'layer' in given[0]) || type === 'Add' || this.#gated.made.has(proto);
    const value = read && isUsual && node.inputs.length > 0 ? read(node) : this.#foreign(node);
    for (const name of output) this.#values.set(name, value);
  }

  /** Constants follow from constants: so few kinds of node are met that make them. */
  #compute(proto: NodeProto, given: readonly (Value | Constant | undefined)[]): Constant | undefined {
    const { op_type: type, output = [] } = proto;
    const name = output[0] ?? '';
    if (type === 'Constant') return constantOf(name, proto, this.#external);
    const [first, second, third] = given.map((one) => (one && 'numbers' in one ? one : undefined));
    if (!first || given.some((one) => one && 'layer' in one)) return undefined;
    if (type === 'Identity' || (type === 'Cast' && first.isFloat)) return this.#use(first);
    if (type === 'Transpose' && first.isFloat && first.shape.length === 2) {
      const turned = intsOf(proto, 'perm')?.join() !== '0,1';
      return turned ? this.#transposed(this.#use(first)) : this.#use(first);
    }
    if (type === 'DequantizeLinear' && second) {
      this.#use(first);
      return dequantized(name, this.#use(first), this.#use(second), third && this.#use(third), intOf(proto, 'axis', 1));
    }
    return undefined;
  }

  // ── node by node ────────────────────────────────────────────────────────────────────────────────────────────────────

  readonly #readers: Readonly<Record<string, (node: Node) => Value>> = {
    Conv: (node) => {
      const kernel = this.#weight(node, 1);
      const [x] = node.inputs;
      if (kernel?.shape.length !== 4) return this.#foreign(node, 'its kernel is not that of an image, or not constant');
      const size = [kernel.shape[2]!, kernel.shape[3]!] as const;
      const stride = pairOf(node.proto, 'strides', 1);
      const dilation = pairOf(node.proto, 'dilations', 1);
      const padding = stride && dilation && paddingOf(node.proto, x?.shape, size, stride, dilation);
      const bias = this.#weight(node, 2);
      if (!stride || !dilation || !padding || (node.given[2] && !bias)) {
        return this.#foreign(node, 'its windows are not those of an image');
      }
      return this.#graph.convolution(
        { ...node, tensors: bias ? [kernel, bias] : [kernel] },
        { kernel, bias, stride, padding, dilation, groups: intOf(node.proto, 'group', 1) },
      );
    },

    Gemm: (node) => {
      const { proto } = node;
      const bias = this.#weight(node, 2);
      const plain =
        floatOf(proto, 'alpha', 1) === 1 && floatOf(proto, 'beta', 1) === 1 && intOf(proto, 'transA', 0) === 0;
      if (!plain || (node.given[2] && !bias)) return this.#foreign(node, 'it is no plain product');
      return this.#dense(node, intOf(proto, 'transB', 0) !== 0, bias);
    },

    MatMul: (node) => {
      if (node.inputs[0]?.shape?.length !== 1) return this.#foreign(node, 'its input is no vector');
      return this.#dense(node, false);
    },

    MaxPool: (node) => this.#pool(node, 'max'),
    AveragePool: (node) => this.#pool(node, 'average'),
    GlobalMaxPool: (node) => this.#graph.globalPool(node, 'max'),
    GlobalAveragePool: (node) => this.#graph.globalPool(node, 'average'),
    ReduceMean: (node) => {
      const rank = (node.inputs[0]?.shape?.length ?? -2) + 1;
      const axes = this.#axes(node, rank);
      if (rank !== 4 || axes?.join() !== '2,3')
        return this.#foreign(node, 'it goes along other axes than those of an image');
      const pooled = this.#graph.globalPool(node, 'average');
      return intOf(node.proto, 'keepdims', 1) ? pooled : this.#flatten(node, pooled);
    },

    Relu: (node) => this.#graph.relu(node),
    Sigmoid: (node) => this.#graph.activation(node, { function: 'sigmoid' }),
    Tanh: (node) => this.#graph.activation(node, { function: 'tanh' }),
    HardSwish: (node) => this.#graph.activation(node, { function: 'hardSwish' }),
    Elu: (node) => this.#graph.activation(node, { function: 'elu', alpha: floatOf(node.proto, 'alpha', 1) }),
    LeakyRelu: (node) =>
      this.#graph.activation(node, { function: 'leakyRelu', alpha: floatOf(node.proto, 'alpha', 0.01) }),
    Gelu: (node) =>
      textOf(node.proto, 'approximate', 'none') === 'none'
        ? this.#graph.activation(node, { function: 'gelu' })
        : this.#foreign(node, 'it is an approximation'),
    HardSigmoid: (node) =>
      floatOf(node.proto, 'beta', 0.5) === 0.5
        ? this.#graph.activation(node, { function: 'hardSigmoid', alpha: floatOf(node.proto, 'alpha', 0.2) })
        : this.#foreign(node, 'it is not symmetric'),
    Clip: (node) => {
      const least = this.#number(node, 1) ?? floatOf(node.proto, 'min', -Infinity);
      const most = this.#number(node, 2) ?? floatOf(node.proto, 'max', Infinity);
      if (least === 0 && most === 6) return this.#graph.activation(node, { function: 'relu6' });
      if (least === 0 && most >= 3e38) return this.#graph.relu(node);
      return this.#foreign(node, `it clips to ${least} … ${most}`);
    },
    Mul: (node) => {
      const made = this.#gated.made.get(node.proto);
      return made ? this.#graph.activation({ ...node, inputs: node.inputs.slice(0, 1) }, made) : this.#foreign(node);
    },

    Softmax: (node) => {
      const axis = intOf(node.proto, 'axis', this.#opset >= 13 ? -1 : 1);
      const isVector = node.inputs[0]?.shape?.length === 1;
      return axis === 1 || (isVector && axis === -1)
        ? this.#graph.softmax(node)
        : this.#foreign(node, 'it goes along another axis');
    },

    LRN: ({ proto, ...node }) =>
      this.#graph.lrn(node, {
        size: intOf(proto, 'size', 1),
        alpha: floatOf(proto, 'alpha', 1e-4),
        beta: floatOf(proto, 'beta', 0.75),
        k: floatOf(proto, 'bias', 1),
      }),

    BatchNormalization: (node) => {
      const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => this.#weight(node, i));
      if (!gamma || !beta || !mean || !variance || intOf(node.proto, 'training_mode', 0)) {
        return this.#foreign(node, 'its statistics are not constant');
      }
      const tensors = [gamma, beta, mean, variance];
      const epsilon = floatOf(node.proto, 'epsilon', 1e-5);
      return this.#graph.batchnorm({ ...node, tensors }, { gamma, beta, mean, variance }, epsilon);
    },

    Add: (node) => {
      if (node.inputs.length === node.given.length) return this.#graph.add(node);
      const at = node.given.findIndex((one) => one && 'numbers' in one);
      const x = node.inputs[0]!;
      const other = node.proto.input?.[1 - at] ?? '';
      const bias = this.#weight(node, at);
      // Along the channels: [C, 1, 1] beside a map, [C] beside a vector, whatever ones stand before that.
      const extents = bias?.shape.join().replace(/^(1,)+(?=\d)/, '');
      const expected = x.shape?.length === 3 ? `${x.shape[0]},1,1` : `${x.shape?.[0]}`;
      const fits = bias && extents === expected && this.#users.get(other) === 1;
      if (fits && this.#graph.addBias(x, bias)) return x;
      return this.#foreign(node, 'it adds a constant that is no bias');
    },
    Sum: (node) => (node.inputs.length === node.given.length ? this.#graph.add(node) : this.#foreign(node)),

    Concat: (node) => {
      const rank = (node.inputs[0]?.shape?.length ?? 0) + 1;
      const axis = intOf(node.proto, 'axis', 1);
      const channels = axis === 1 || (axis < 0 && axis + rank === 1);
      return channels && node.inputs.length === node.given.length ? this.#graph.concat(node) : this.#foreign(node);
    },

    Flatten: (node) => (intOf(node.proto, 'axis', 1) === 1 ? this.#graph.flatten(node) : this.#foreign(node)),
    Reshape: (node) => {
      const shape = this.#constant(node, 1)?.integers();
      const target = shape
        ?.slice(1)
        .map((extent): Extent => (extent > 0 && Number.isSafeInteger(extent) ? extent : null));
      const [x] = node.inputs;
      if (shape?.length === 2 && (x?.shape?.length === 1 || [0, 1, -1].includes(shape[0]!)))
        return this.#graph.flatten(node);
      return target && target.length <= 8 && target.join() === x?.shape?.join()
        ? x
        : this.#foreign(node, undefined, target);
    },
    Squeeze: (node) => {
      const shape = node.inputs[0]?.shape;
      const axes = this.#axes(node, 4)?.join();
      const flat = shape?.length === 3 && shape[1] === 1 && shape[2] === 1 && axes === '2,3';
      return flat ? this.#graph.flatten(node) : this.#foreign(node);
    },

    Dropout: ({ inputs }) => inputs[0]!,
    Identity: ({ inputs }) => inputs[0]!,
    Cast: (node) => ([1, 10, 11, 16].includes(intOf(node.proto, 'to', 1)) ? node.inputs[0]! : this.#foreign(node)),
  };

  #dense(node: Node, outputMajor: boolean, bias?: Tensor): Value {
    const constant = this.#constant(node, 1);
    if (!constant?.isFloat || constant.shape.length !== 2 || !('layer' in node.given[0]!)) {
      return this.#foreign(node, 'its kernel is no constant matrix');
    }
    const kernel = tensorOf(outputMajor ? this.#use(constant) : this.#transposed(this.#use(constant)));
    return this.#graph.dense({ ...node, tensors: bias ? [kernel, bias] : [kernel] }, kernel, bias);
  }

  #pool(node: Node, mode: 'max' | 'average'): Value {
    const { proto } = node;
    const size = pairOf(proto, 'kernel_shape');
    const stride = pairOf(proto, 'strides', 1);
    const dilation = pairOf(proto, 'dilations', 1);
    const padding = size && stride && paddingOf(proto, node.inputs[0]?.shape, size, stride, [1, 1]);
    if (!size || !stride || !padding || dilation?.join() !== '1,1') {
      return this.#foreign(node, 'its windows are not those of an image');
    }
    if (mode === 'average' && padding.some((zeros) => zeros > 0) && intOf(proto, 'count_include_pad', 0)) {
      return this.#foreign(node, 'it averages over its padding too');
    }
    const rounding = intOf(proto, 'ceil_mode', 0) ? 'ceil' : 'floor';
    return this.#graph.pool(node, { mode, size, stride, padding, rounding });
  }

  #flatten(node: Node, value: Value): Value {
    return this.#graph.flatten({ ...node, name: `${node.name}/flatten`, inputs: [value] });
  }

  #foreign(node: Node, why?: string, shape?: readonly Extent[]): Value {
    const constants = node.given.filter((one): one is Constant => one !== undefined && 'numbers' in one);
    const tensors = constants.flatMap((constant) => {
      this.#use(constant);
      if (constant.isFloat && constant.isFinite()) return [tensorOf(constant)];
      const count = constant.shape.reduce((a, b) => a * b, 1);
      if (count > 16) this.#graph.note(`"${constant.name}" holds ${constant.type} and is left out`); // more than a setting
      return [];
    });
    const info = this.#infos.get(node.proto.output?.[0] ?? '');
    const isScaling =
      SCALING.has(node.operation) && constants.every(({ shape }) => shape.every((extent) => extent === 1));
    const kept = ELEMENTWISE.has(node.operation) || isScaling ? node.inputs[0]?.shape : undefined;
    return this.#graph.foreign({ ...node, tensors }, shape ?? kept ?? (info && shapeOf(info)), why);
  }

  #constant({ given }: Node, at: number): Constant | undefined {
    const one = given[at];
    return one && 'numbers' in one ? this.#use(one) : undefined;
  }

  #weight(node: Node, at: number): Tensor | undefined {
    const constant = this.#constant(node, at);
    return constant?.isFloat ? tensorOf(constant) : undefined;
  }

  #number(node: Node, at: number): number | undefined {
    const constant = this.#constant(node, at);
    return constant?.isFloat ? constant.numbers()[0] : undefined;
  }

  /** Axes as whole numbers ≥ 0 in order: an attribute in old models, an input in new ones. */
  #axes(node: Node, rank: number): readonly number[] | undefined {
    const axes = intsOf(node.proto, 'axes') ?? this.#constant(node, 1)?.integers();
    return axes
      ?.slice(0, 8)
      .map((axis) => (axis < 0 ? axis + rank : axis))
      .sort((a, b) => a - b);
  }

  #use(constant: Constant): Constant {
    this.#used.add(constant.name);
    return constant;
  }

  readonly #turned = new Map<Constant, Constant>();

  /** Once for each constant: a kernel that serves twice is one weight. */
  #transposed(constant: Constant): Constant {
    const before = this.#turned.get(constant);
    if (before) return before;
    const turned = transposed(constant);
    this.#turned.set(constant, turned);
    return turned;
  }
}

/** What the house has no word for, but knows to leave shapes as they are. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...['Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Erf', 'Reciprocal', 'Ceil', 'Floor', 'Round', 'Sign', 'Sin', 'Cos'],
  ...['Softplus', 'Softsign', 'PRelu', 'Selu', 'Celu', 'Mish', 'ThresholdedRelu', 'Clip', 'Gelu', 'HardSigmoid'],
  ...['Softmax', 'LogSoftmax', 'LRN', 'BatchNormalization', 'InstanceNormalization', 'GroupNormalization'],
  ...['LayerNormalization', 'LpNormalization', 'Cast', 'QuantizeLinear', 'DequantizeLinear'],
]);

/** These do too, beside a single number. */
const SCALING: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max']);

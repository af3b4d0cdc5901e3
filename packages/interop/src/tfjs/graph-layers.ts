import type { Shape } from '@pare/core';
import { type Attributes, attributesOf } from './graph-attributes.ts';
import { expectList, expectObject, expectText, own, unexpected } from './json.ts';
import type { ReadTopology } from './keras-layers.ts';
import { type Activation, Network, type Operation, type Value } from './network.ts';
import { broadcast } from './shapes.ts';
import type { Extent, Padding, Window } from './window.ts';

/** Numbers of a constant that say how something is done: axes, shapes, paddings. */
export type WholeNumbers = (name: string) => readonly number[] | undefined;

/**
 * Constants of fewer numbers that go into nothing the house knows stay as they are, to the bit: they are exponents, bounds and
 * steps rather than weights, and rounding them gains nothing.
 */
const SMALLEST_FOREIGN_WEIGHT = 32;

/** A node of a TensorFlow graph. */
interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names of nodes and of which output; those that only order execution are left out. */
  readonly inputs: readonly { readonly name: string; readonly output: number }[];
  readonly attributes: Attributes;
}

/**
 * Reads a TensorFlow graph, as `model.json` of a graph model has it, into layers.
 *
 * What is fused becomes layers of its own (`<node>/relu`), a bias added to a convolution or product becomes its bias, "same"
 * padding becomes numbers, zero padding becomes part of what follows, identities are left out. What cannot be represented
 * becomes a foreign layer and a note.
 *
 * @param topology - a GraphDef in JSON
 * @param tensors - shapes of the constants that can be weights
 * @param wholeNumbers - values of the others
 * @throws CorruptDataError if it is no such graph
 */
export function readGraphLayers(
  topology: unknown,
  tensors: ReadonlyMap<string, Shape>,
  wholeNumbers: WholeNumbers,
): ReadTopology {
  const nodes = nodesOf(topology);
  const network = new Network(tensors, SMALLEST_FOREIGN_WEIGHT);
  const reader = new Reader(network, nodes, wholeNumbers);
  for (const node of inOrder(nodes)) reader.read(node);
  network.finish(reader.results());
  const { layers, placements, notes } = network;
  return { layers, placements, notes };
}

function nodesOf(topology: unknown): Map<string, GraphNode> {
  const nodes = new Map<string, GraphNode>();
  for (const [i, item] of expectList(own(topology, 'node'), 'modelTopology.node').entries()) {
    const where = `modelTopology.node[${i}]`;
    const { name, op, input, attr } = expectObject(item, where);
    const node = {
      name: expectText(name, `${where}.name`),
      op: expectText(op, `${where}.op`),
      inputs: expectList(input ?? [], `${where}.input`)
        .map((text) => expectText(text, `${where}.input`))
        .filter((text) => !text.startsWith('^'))
        .map(outputOf),
      attributes: attributesOf(attr, `${where}.attr`),
    };
    if (nodes.has(node.name)) unexpected(`${where}.name`, 'a name of its own', node.name);
    nodes.set(node.name, node);
  }
  return nodes;
}

/** `node`, `node:1`, or in functions `node:output:1`. */
function outputOf(text: string): { readonly name: string; readonly output: number } {
  const [name = '', ...rest] = text.split(':');
  const output = Number(rest.at(-1) ?? 0);
  return { name, output: Number.isInteger(output) ? output : 0 };
}

/** Nodes after those whose results they take. Nodes in a circle come where it is entered. */
function* inOrder(nodes: ReadonlyMap<string, GraphNode>): Generator<GraphNode> {
  const seen = new Set<string>();
  for (const start of nodes.values()) {
    if (seen.has(start.name)) continue;
    seen.add(start.name);
    const stack = [{ node: start, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const source = top.node.inputs[top.next++];
      if (!source) {
        stack.pop();
        yield top.node;
        continue;
      }
      const node = nodes.get(source.name);
      if (!node || seen.has(node.name)) continue;
      seen.add(node.name);
      stack.push({ node, next: 0 });
    }
  }
}

class Reader {
  readonly #network: Network;
  readonly #wholeNumbers: WholeNumbers;
  /** What a node gives, by its name. */
  readonly #values = new Map<string, Value>();
  /** The constant that a node is, possibly by way of identities. */
  readonly #constants = new Map<string, string>();
  /** How often a node's result is taken. */
  readonly #uses = new Map<string, number>();

  constructor(network: Network, nodes: ReadonlyMap<string, GraphNode>, wholeNumbers: WholeNumbers) {
    this.#network = network;
    this.#wholeNumbers = wholeNumbers;
    for (const { inputs } of nodes.values()) {
      for (const { name } of inputs) this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    }
  }

  read(node: GraphNode): void {
    const { name, op, inputs } = node;
    if (op === 'Const') {
      this.#constants.set(name, name);
      return;
    }
    const [first] = inputs;
    const constant = first && this.#constants.get(first.name);
    if (ALIASES.has(op) && constant !== undefined) {
      this.#constants.set(name, constant);
      return;
    }
    if (op === 'NoOp') return;
    this.#values.set(name, this.#valueOf(node));
  }

  /** What nobody takes. */
  results(): Value[] {
    return [...this.#values].flatMap(([name, value]) => (this.#uses.has(name) ? [] : [value]));
  }

  #valueOf(node: GraphNode): Value {
    const network = this.#network;
    const { name, op, inputs, attributes } = node;
    const values = inputs.flatMap((input) => this.#valueAt(input) ?? []);
    const tensors = inputs.flatMap((input) => this.#constants.get(input.name) ?? []);
    const operation: Operation = { name, operation: op, inputs: values, tensors };
    const [x] = values;
    const constant = (i: number): string | undefined => this.#constants.get(inputs[i]?.name ?? '');
    const numbers = (i: number): readonly number[] | undefined => {
      const tensor = constant(i);
      return tensor === undefined ? undefined : this.#wholeNumbers(tensor);
    };
    const foreign = (shape?: readonly Extent[], reason?: string): Value => network.foreign(operation, shape, reason);
    const channelsLast = (attributes.text('data_format') ?? 'NHWC').toUpperCase() === 'NHWC';

    switch (op) {
      case 'Placeholder':
        return network.input(name, attributes.shape('shape')?.slice(1));
      case 'Conv2D':
      case '_FusedConv2D':
      case 'DepthwiseConv2dNative':
      case 'FusedDepthwiseConv2dNative': {
        const window = windowOf(attributes);
        const kernel = constant(1);
        const fused = fusedOf(attributes);
        if (!channelsLast || !window || kernel === undefined || !fused) return foreign();
        const bias = fused.bias ? constant(2) : undefined;
        if (fused.bias && bias === undefined) return foreign(undefined, 'its bias is no constant');
        const depthwise = op.includes('Depthwise');
        const result = network.convolution(operation, { ...window, kernel, bias, depthwise });
        return fused.activate(network, operation, result);
      }
      case 'MatMul':
      case '_FusedMatMul': {
        const kernel = constant(1);
        const fused = fusedOf(attributes);
        if (kernel === undefined || !fused || attributes.flag('transpose_a')) return foreign();
        const bias = fused.bias ? constant(2) : undefined;
        if (fused.bias && bias === undefined) return foreign(undefined, 'its bias is no constant');
        const result = network.dense(operation, kernel, bias, attributes.flag('transpose_b'));
        return fused.activate(network, operation, result);
      }
      case 'BiasAdd':
      case 'Add':
      case 'AddV2': {
        const bias = constant(0) ?? constant(1);
        if (bias === undefined) return op === 'BiasAdd' ? foreign(x?.shape) : network.add(operation);
        const source = inputs.find((input) => this.#values.has(input.name));
        const alone = source && this.#uses.get(source.name) === 1;
        if (x && alone && isVector(network.tensorShape(bias)) && network.addBias(x, bias)) return x;
        return foreign(x?.shape);
      }
      case 'AddN':
        return tensors.length > 0 ? foreign(broadcast(values)) : network.add(operation);
      case 'FusedBatchNorm':
      case 'FusedBatchNormV2':
      case 'FusedBatchNormV3': {
        const [gamma, beta, mean, variance] = [constant(1), constant(2), constant(3), constant(4)];
        if (!channelsLast || attributes.flag('is_training')) return foreign(x?.shape);
        if ([gamma, beta, mean, variance].includes(undefined))
          return foreign(x?.shape, 'its statistics are no constants');
        return network.batchnorm(operation, { gamma, beta, mean, variance }, attributes.number('epsilon') ?? 1e-4);
      }
      case 'MaxPool':
      case 'AvgPool': {
        const window = windowOf(attributes);
        const size = spatial(attributes.numbers('ksize'));
        if (!channelsLast || !window || !size) return foreign();
        const { stride, padding } = window;
        return network.pool(operation, op === 'MaxPool' ? 'max' : 'average', { size, stride, padding });
      }
      case 'Mean':
      case 'Max': {
        const axes = numbers(1)?.map((axis) => (axis < 0 ? axis + 4 : axis));
        const keeps = attributes.flag('keep_dims');
        if (x?.shape?.length !== 3 || axes?.toString() !== '1,2') return foreign(reducedShape(x, numbers(1), keeps));
        return network.globalPool(operation, op === 'Mean' ? 'average' : 'max', keeps);
      }
      case 'Relu':
        return network.activation(operation, { kind: 'relu' });
      case 'Softmax':
        return network.activation(operation, { kind: 'softmax' });
      case 'Relu6':
      case 'Sigmoid':
      case 'Tanh':
      case 'Elu':
        return network.activation(operation, activationOf(op));
      case 'LeakyRelu':
        return network.activation(operation, activationOf(op, attributes.number('alpha') ?? 0.2));
      case 'ConcatV2':
      case 'Concat': {
        const [axis] = numbers(op === 'Concat' ? 0 : inputs.length - 1) ?? [];
        if (axis === undefined || values.length !== inputs.length - 1)
          return foreign(undefined, 'one of its inputs is a constant');
        return network.concat(operation, axis > 0 ? axis - 1 : axis);
      }
      case 'Reshape': {
        const [batch, ...target] = numbers(1) ?? [];
        if (batch === undefined || (target.length === 0 && batch !== -1)) return foreign();
        return network.reshape(
          operation,
          target.map((extent) => (extent < 0 ? null : extent)),
        );
      }
      case 'Squeeze': {
        const dims = attributes.numbers('squeeze_dims') ?? attributes.numbers('axis') ?? [];
        const kept = x?.shape?.filter(
          (extent, i) => !(extent === 1 && (dims.includes(i + 1) || dims.includes(i - x.shape!.length))),
        );
        return kept && dims.length > 0 ? network.reshape(operation, kept) : foreign();
      }
      case 'Pad':
      case 'PadV2': {
        const zeros = zerosOf(numbers(1));
        const fill = op === 'PadV2' ? numbers(2) : [0];
        return zeros && fill?.[0] === 0 ? network.pad(operation, zeros) : foreign();
      }
      default:
        if (ALIASES.has(op) && x) return x;
        return foreign(ELEMENTWISE.has(op) ? broadcast(values) : undefined);
    }
  }

  /** Other outputs than the first have shapes that nobody here knows. */
  #valueAt({ name, output }: GraphNode['inputs'][number]): Value | undefined {
    const value = this.#values.get(name);
    return value && output > 0 ? { layer: this.#network.settle(value).layer, shape: undefined } : value;
  }
}

/** What gives what it takes. */
const ALIASES = new Set(['Identity', 'StopGradient', 'PreventGradient', 'Snapshot', 'CheckNumerics', 'EnsureShape']);

/** What has a word in the house only in special cases, but never changes a shape beyond broadcasting. */
const ELEMENTWISE = new Set(
  (
    'Abs Add AddV2 BiasAdd Ceil ClipByValue Cos Div DivNoNan Erf Exp Expm1 Floor Log Log1p Maximum Minimum Mul Neg Pow Prelu ' +
    'RealDiv Reciprocal Round Rsqrt Selu Sign Sin Softplus Sqrt Square SquaredDifference Sub Tan Cast LRN LogSoftmax'
  ).split(' '),
);

interface Fused {
  readonly bias: boolean;
  /** Adds what comes after the sum. */
  activate(network: Network, operation: Operation, result: Value): Value;
}

/** What a node does on top of its product; undefined if that is not just a bias and an activation. */
function fusedOf(attributes: Attributes): Fused | undefined {
  const ops = attributes.texts('fused_ops') ?? [];
  const bias = ops[0] === 'BiasAdd';
  const [activation, more] = bias ? ops.slice(1) : ops;
  if (more !== undefined || activation === 'Prelu' || activation === 'FusedBatchNorm') return undefined;
  return {
    bias,
    activate(network, operation, result) {
      if (activation === undefined || activation === 'Linear') return result;
      const known = activationOf(activation, attributes.number('leakyrelu_alpha') ?? 0.2);
      const inner = { ...operation, operation: activation, inputs: [result], tensors: [] };
      return network.activation(inner, known, `${operation.name}/${activation.toLowerCase()}`);
    },
  };
}

const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ['Relu', { kind: 'relu' }],
  ['Relu6', { kind: 'activation', function: 'relu6' }],
  ['Sigmoid', { kind: 'activation', function: 'sigmoid' }],
  ['Tanh', { kind: 'activation', function: 'tanh' }],
  ['Elu', { kind: 'activation', function: 'elu' }],
]);

const activationOf = (op: string, alpha?: number): Activation | undefined =>
  op === 'LeakyRelu' && alpha !== undefined
    ? { kind: 'activation', function: 'leakyRelu', alpha }
    : ACTIVATIONS.get(op);

/** Kernel sizes come from elsewhere. */
function windowOf(attributes: Attributes): Omit<Window, 'size'> | undefined {
  const stride = spatial(attributes.numbers('strides'));
  const dilation = spatial(attributes.numbers('dilations') ?? [1, 1, 1, 1]);
  const padding = paddingOf(attributes);
  return stride && dilation && padding ? { stride, dilation, padding } : undefined;
}

function paddingOf(attributes: Attributes): Window['padding'] | undefined {
  switch (attributes.text('padding')) {
    case 'SAME':
      return 'same';
    case 'VALID':
      return 'valid';
    case 'EXPLICIT': {
      const [, , top, bottom, left, right] = attributes.numbers('explicit_paddings') ?? [];
      const zeros = [top, bottom, left, right];
      return zeros.every(isExtent) ? (zeros as unknown as Padding) : undefined;
    }
    default:
      return undefined;
  }
}

const isExtent = (value: number | undefined): boolean => Number.isSafeInteger(value) && value! >= 0;

/** Rows and columns of `[N, H, W, C]`. */
function spatial(values: readonly number[] | undefined): [number, number] | undefined {
  const [batch, rows, columns, channels] = values ?? [];
  if (batch !== 1 || channels !== 1 || !isExtent(rows) || !isExtent(columns) || !rows || !columns) return undefined;
  return [rows, columns];
}

/** Of `[[0, 0], [top, bottom], [left, right], [0, 0]]`. */
function zerosOf(values: readonly number[] | undefined): Padding | undefined {
  if (values?.length !== 8 || !values.every(isExtent)) return undefined;
  const [before, after, top, bottom, left, right, front, back] = values as [
    number,
    number,
    number,
    number,
    ...number[],
  ];
  return before || after || front || back ? undefined : [top!, bottom, left!, right!];
}

const isVector = (shape: Shape | undefined): boolean =>
  shape !== undefined && shape.length > 0 && shape.slice(0, -1).every((extent) => extent === 1);

function reducedShape(
  x: Value | undefined,
  axes: readonly number[] | undefined,
  keeps: boolean,
): readonly Extent[] | undefined {
  const shape = x?.shape;
  if (!shape || !axes) return undefined;
  const reduced = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis - 1)));
  return shape.flatMap((extent, i) => (reduced.has(i) ? (keeps ? [1] : []) : [extent]));
}

import { type Exporter, elementCount, type Layer, type Model, type Shape, weightNames, weightOf } from '@pare/core';
import { denseNumbers, formNotes } from '../dense-numbers.ts';
import { freeNames } from '../free-name.ts';
import { encodeMessage } from '../protobuf/encode.ts';
import { type AttributeProto, MODEL, type NodeProto, type TensorProto, type ValueInfoProto } from './schema.ts';

/**
 * Writes a network that runs anywhere ONNX does: weights as float32 under their names, the batch of any size.
 *
 * @see github.com/onnx/onnx, docs/Operators.md
 */
export const onnxExporter: Exporter = {
  id: 'onnx',
  extension: 'onnx',
  async write(model, name) {
    const { bytes, notes } = writeOnnx(model, name);
    return { files: new Map([[`${name}.onnx`, bytes]]), notes: [...notes, ...formNotes(model)] };
  },
};

// Of 2022, read by all that is maintained; Gelu came two years later. `ir` is the version of the file that goes with it.
const USUAL = { opset: 17, ir: 8 };
const WITH_GELU = { opset: 20, ir: 9 };
const LARGEST = 2 ** 31 - 1; // bytes that a message of Protocol Buffers may have

function writeOnnx(model: Model, name: string): { bytes: Uint8Array; notes: readonly string[] } {
  const { layers } = model;
  if (layers.length === 0) {
    throw new RangeError(
      'onnx: "model" has no layers, and ONNX holds networks: write safetensors or npz, or attach layers',
    );
  }
  const foreign = layers.find(({ kind }) => kind === 'foreign');
  if (foreign?.kind === 'foreign') {
    throw new RangeError(
      `onnx: layer "${foreign.name}" is foreign ("${foreign.operation}"): nobody here knows how to write it`,
    );
  }
  const size = 4 * model.weights.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (size > LARGEST) throw new RangeError(`onnx: ${size} bytes of weights, more than the ${LARGEST} of a single file`);
  const writer = new Writer(model);
  for (const layer of layers) writer.write(layer);
  const used = new Set(layers.flatMap(({ inputs }) => inputs));
  const outputs = layers.filter((layer) => !used.has(layer.name));
  const hasGelu = layers.some((layer) => layer.kind === 'activation' && layer.function === 'gelu');
  const { opset, ir } = hasGelu ? WITH_GELU : USUAL;
  const bytes = encodeMessage(MODEL, {
    ir_version: ir,
    producer_name: 'pare',
    opset_import: [{ domain: '', version: opset }],
    graph: {
      name: model.name ?? name,
      node: writer.nodes,
      initializer: writer.initializers,
      input: layers.filter(({ kind }) => kind === 'input').map((layer) => writer.info(layer)),
      output: outputs.map((layer) => writer.info(layer)),
    },
  });
  return { bytes, notes: writer.notes };
}

/** Nodes and tensors as they come. */
class Writer {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[];
  readonly notes: string[] = [];
  readonly #shapes = new Map<string, Shape>();
  /** Names of what flows, by layer: tensors and results share one set of names. */
  readonly #names = new Map<string, string>();
  readonly #free: (name: string) => string;
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
    this.#free = freeNames('_', new Set(model.weights.map(({ name }) => name)));
    const wanted = new Set(model.layers.flatMap((layer) => weightNames(layer).map(({ name }) => name)));
    this.initializers = model.weights.map((weight) => tensor(weight.name, weight.shape, denseNumbers(weight)));
    for (const { name } of model.weights) if (!wanted.has(name)) this.notes.push(`"${name}" is taken by no layer`);
  }

  write(layer: Layer): void {
    const { name, inputs } = layer;
    const result = this.#free(name);
    this.#names.set(name, result);
    this.#shapes.set(name, layer.outputShape);
    const sources = inputs.map((input) => this.#names.get(input)!);
    const [x = ''] = sources;
    const node = (type: string, input: readonly string[], attributes: Attributes = {}, output = result): string => {
      this.nodes.push({
        name: output,
        op_type: type,
        input: [...input],
        output: [output],
        attribute: attributesOf(attributes),
      });
      return output;
    };
    const step = (type: string, input: readonly string[], attributes: Attributes = {}): string =>
      node(type, input, attributes, this.#free(`${result}/${type}`));
    switch (layer.kind) {
      case 'input':
        if (layer.preprocess) {
          this.notes.push(
            `input "${name}" is preprocessed (${JSON.stringify(layer.preprocess)}), which ONNX does not keep`,
          );
        }
        return;
      case 'conv2d':
        node('Conv', [x, layer.kernel, ...optional(layer.bias)], {
          kernel_shape: layer.kernelSize,
          strides: layer.stride,
          pads: pads(layer.padding),
          dilations: layer.dilation ?? [1, 1],
          group: layer.groups,
        });
        return;
      case 'dense': {
        const flat = this.#shapes.get(inputs[0]!)?.length === 1 ? x : step('Flatten', [x], { axis: 1 });
        node('Gemm', [flat, layer.kernel, ...optional(layer.bias)], { transB: 1 });
        return;
      }
      case 'pool':
        node(layer.mode === 'max' ? 'MaxPool' : 'AveragePool', [x], {
          kernel_shape: layer.size,
          strides: layer.stride,
          pads: pads(layer.padding),
          ceil_mode: layer.rounding === 'ceil' ? 1 : 0,
        });
        return;
      case 'relu':
        node('Relu', [x]);
        return;
      case 'flatten':
        node('Flatten', [x], { axis: 1 });
        return;
      case 'softmax':
        node('Softmax', [x], { axis: 1 });
        return;
      case 'lrn':
        node('LRN', [x], { size: layer.size, alpha: real(layer.alpha), beta: real(layer.beta), bias: real(layer.k) });
        return;
      case 'batchnorm': {
        const count = elementCount(weightOf(this.#model, layer.mean).shape);
        const gamma = layer.gamma ?? this.#constant(`${name}/gamma`, [count], 1);
        const beta = layer.beta ?? this.#constant(`${name}/beta`, [count], 0);
        node('BatchNormalization', [x, gamma, beta, layer.mean, layer.variance], { epsilon: real(layer.epsilon) });
        return;
      }
      case 'add':
        node(sources.length === 2 ? 'Add' : 'Sum', sources);
        return;
      case 'concat':
        node('Concat', sources, { axis: 1 });
        return;
      case 'activation':
        switch (layer.function) {
          case 'relu6':
            node('Clip', [x, this.#constant(`${name}/min`, [], 0), this.#constant(`${name}/max`, [], 6)]);
            return;
          case 'sigmoid':
            node('Sigmoid', [x]);
            return;
          case 'tanh':
            node('Tanh', [x]);
            return;
          case 'elu':
            node('Elu', [x], { alpha: real(layer.alpha ?? 1) });
            return;
          case 'leakyRelu':
            node('LeakyRelu', [x], { alpha: real(layer.alpha ?? 0.01) });
            return;
          case 'hardSigmoid':
            node('HardSigmoid', [x], { alpha: real(layer.alpha ?? 0.2), beta: real(0.5) });
            return;
          case 'hardSwish':
            node('HardSwish', [x]);
            return;
          case 'swish':
            node('Mul', [x, step('Sigmoid', [x])]);
            return;
          case 'gelu':
            node('Gelu', [x]);
            return;
        }
    }
  }

  /** What a graph says of its inputs and outputs. Extents that only the running network knows are named. */
  info({ name, outputShape }: Layer): ValueInfoProto {
    const dim = outputShape.map((extent, i) => (extent > 0 ? { dim_value: extent } : { dim_param: `${name}_${i}` }));
    return {
      name: this.#names.get(name)!,
      type: { tensor_type: { elem_type: 1, shape: { dim: [{ dim_param: 'N' }, ...dim] } } },
    };
  }

  #constant(name: string, shape: Shape, value: number): string {
    const free = this.#free(name);
    this.initializers.push(tensor(free, shape, new Float32Array(elementCount(shape)).fill(value)));
    return free;
  }
}

const optional = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name]);

/** ONNX has [top, left, bottom, right]. */
const pads = ([top, bottom, left, right]: readonly [number, number, number, number]): readonly number[] => [
  top,
  left,
  bottom,
  right,
];

function tensor(name: string, shape: Shape, values: Float32Array): TensorProto {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true);
  return { dims: [...shape], data_type: 1, name, raw_data: bytes };
}

type Attributes = Readonly<Record<string, number | readonly number[] | { readonly real: number }>>;

/** A number that is a float in ONNX, whole or not. */
const real = (value: number): { readonly real: number } => ({ real: value });

const attributesOf = (attributes: Attributes): AttributeProto[] =>
  Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'number') return { name, type: 2, i: value };
    return 'real' in value ? { name, type: 1, f: value.real } : { name, type: 7, ints: [...value] };
  });

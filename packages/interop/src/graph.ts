import {
  type ActivationLayer,
  type BatchnormLayer,
  type Conv2dLayer,
  CorruptDataError,
  denseWeight,
  type Layer,
  type LrnLayer,
  type PoolLayer,
  type Preprocess,
  type Shape,
  type Weight,
} from '@pare/core';
import { freeNames } from './free-name.ts';
import { firstNonFinite } from './numbers.ts';

/** An extent, or null if it is known only when the network runs: 0 in the layers' shapes. */
export type Extent = number | null;

/** What flows from layer to layer. */
export interface Value {
  /** The layer that makes it. */
  readonly layer: string;
  /**
   * Channels first, without the batch: `[C, H, W]` or `[C]`. Undefined: not even the number of extents is known. Filled in when
   * a user of the value knows more: a kernel knows the channels of its input.
   */
  shape: readonly Extent[] | undefined;
}

/** A weight as its file has it, output-major. */
export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** A step of a network: its name, what its own world calls it, and what it takes. */
export interface Operation {
  readonly name: string;
  readonly operation: string;
  readonly inputs: readonly Value[];
  /** Tensors that stay with it if it can only be a foreign layer. */
  readonly tensors?: readonly Tensor[];
}

type Pair = readonly [number, number];
type Padding = readonly [top: number, bottom: number, left: number, right: number];

export type Convolution = Pick<Conv2dLayer, 'stride' | 'groups'> & {
  readonly dilation: Pair;
  readonly padding: Padding;
  readonly kernel: Tensor;
  readonly bias?: Tensor | undefined;
};

/**
 * Collects the layers and weights of a network while its file is read, channels first. Each method adds what one operation is
 * in the house and returns its result; what the house has no word for becomes a foreign layer and a note.
 */
export class Graph {
  readonly layers: Layer[] = [];
  readonly weights: Weight[] = [];
  readonly #notes: string[] = [];
  readonly #inputs: Value[] = [];
  readonly #index = new Map<string, number>();
  /** By their numbers: a tensor that serves twice is one weight. */
  readonly #tensors = new Map<Float32Array, Weight>();
  readonly #freeLayer = freeNames('_');
  readonly #freeWeight = freeNames('_');
  /** Numbers that weights may still have. */
  #room: number;

  /**
   * @param fileBytes - size of the files that are read; default any. One tensor may be named, converted or transposed for many
   *   layers, so the numbers of all weights are bounded in proportion to it
   */
  constructor(fileBytes: number = Infinity) {
    this.#room = Math.max(2 ** 24, 8 * fileBytes);
  }

  /** What was noted, and the inputs whose shape is still not known. */
  get notes(): readonly string[] {
    const open = this.#inputs.filter(({ shape }) => !shape || shape.includes(null));
    return [
      ...open.map(({ layer }) => `input "${layer}" takes data of any size: shapes that depend on it say 0`),
      ...this.#notes,
    ];
  }

  note(sentence: string): void {
    this.#notes.push(sentence);
  }

  input(name: string, shape: readonly Extent[] | undefined, preprocess?: Preprocess): Value {
    const value = this.#push({ ...this.#base(name, []), kind: 'input', ...(preprocess && { preprocess }) }, shape);
    this.#inputs.push(value);
    return value;
  }

  convolution(operation: Operation, { kernel, bias, stride, padding, dilation, groups }: Convolution): Value {
    const [x] = operation.inputs;
    const [filters, perGroup, r, s] = kernel.shape as [number, number, number, number];
    const fits = kernel.shape.length === 4 && kernel.shape.every((extent) => extent > 0);
    const steps = [groups, ...stride, ...dilation];
    if (!fits || !steps.every(isPositive) || filters % groups || !padding.every(isCount)) {
      return this.foreign(operation, undefined, 'its groups, strides, dilations or padding are out of range');
    }
    const source = x && this.#learn(x, [perGroup * groups, null, null]);
    if (!source) return this.foreign(operation, undefined, 'its input does not have the channels of its kernel');
    if (bias && bias.values.length !== filters)
      return this.foreign(operation, undefined, 'its bias has another length');
    const size: Pair = [r, s];
    const [rows, columns] = windowsOf(source.shape!, { size, stride, padding, dilation, rounding: 'floor' });
    if (rows === 0 || columns === 0) return this.foreign(operation, undefined, 'its kernel is larger than its input');
    return this.#push(
      {
        ...this.#base(operation.name, [source]),
        kind: 'conv2d',
        kernel: this.#weightName(kernel),
        ...(bias && { bias: this.#weightName({ ...bias, shape: [filters] }) }),
        filters,
        kernelSize: size,
        stride,
        padding,
        ...(dilation.some((step) => step !== 1) && { dilation }),
        groups,
      },
      [filters, rows, columns],
    );
  }

  /** @param kernel - `[units, C]` */
  dense(operation: Operation, kernel: Tensor, bias?: Tensor): Value {
    const [x] = operation.inputs;
    const [units, inputs] = kernel.shape as [number, number];
    if (!x || kernel.shape.length !== 2) return this.foreign(operation, undefined, 'its kernel has no two extents');
    const source = this.#learnFlat(x, inputs);
    if (!source)
      return this.foreign(operation, [units], `its input is not the ${inputs} numbers that its kernel takes`);
    if (bias && bias.values.length !== units) return this.foreign(operation, [units], 'its bias has another length');
    return this.#push(
      {
        ...this.#base(operation.name, [source]),
        kind: 'dense',
        kernel: this.#weightName(kernel),
        ...(bias && { bias: this.#weightName({ ...bias, shape: [units] }) }),
        units,
      },
      [units],
    );
  }

  /** Gives a bias to the convolution or dense layer that makes a value. @returns whether it could */
  addBias(value: Value, bias: Tensor): boolean {
    const index = this.#index.get(value.layer);
    const layer = index === undefined ? undefined : this.layers[index];
    if (!layer || (layer.kind !== 'conv2d' && layer.kind !== 'dense') || layer.bias !== undefined) return false;
    const length = layer.kind === 'dense' ? layer.units : layer.filters;
    if (bias.values.length !== length) return false;
    this.layers[index!] = { ...layer, bias: this.#weightName({ ...bias, shape: [length] }) };
    return true;
  }

  batchnorm(
    operation: Operation,
    tensors: Readonly<Partial<Record<'gamma' | 'beta', Tensor>> & Record<'mean' | 'variance', Tensor>>,
    epsilon: number,
  ): Value {
    const [x] = operation.inputs;
    const count = tensors.mean.values.length;
    const source = x && this.#learn(x, x.shape?.length === 1 ? [count] : [count, null, null]);
    const all = [tensors.mean, tensors.variance, tensors.gamma, tensors.beta];
    if (!source || all.some((tensor) => tensor && tensor.values.length !== count)) {
      return this.foreign(operation, x?.shape, 'its statistics do not fit its input');
    }
    const [mean, variance, gamma, beta] = all.map(
      (tensor) => tensor && this.#weightName({ ...tensor, shape: [count] }),
    );
    const layer: BatchnormLayer = {
      ...this.#base(operation.name, [source]),
      kind: 'batchnorm',
      mean: mean!,
      variance: variance!,
      ...(gamma !== undefined && { gamma }),
      ...(beta !== undefined && { beta }),
      epsilon,
    };
    return this.#push(layer, source.shape);
  }

  /** Gives a batch normalisation its gamma and beta. @returns whether it could */
  scaleBatchnorm(value: Value, gamma: Tensor, beta?: Tensor): boolean {
    const index = this.#index.get(value.layer);
    const layer = index === undefined ? undefined : this.layers[index];
    const count = value.shape?.[0];
    if (layer?.kind !== 'batchnorm' || layer.gamma !== undefined || layer.beta !== undefined) return false;
    if (gamma.values.length !== count || (beta && beta.values.length !== count)) return false;
    const named = (tensor: Tensor, role: string) => ({ ...tensor, name: `${layer.name}/${role}`, shape: [count] });
    this.layers[index!] = {
      ...layer,
      gamma: this.#weightName(named(gamma, 'gamma')),
      ...(beta && { beta: this.#weightName(named(beta, 'beta')) }),
    };
    return true;
  }

  pool(operation: Operation, options: Pick<PoolLayer, 'mode' | 'size' | 'stride' | 'padding' | 'rounding'>): Value {
    const [x] = operation.inputs;
    if (!x || (x.shape && x.shape.length !== 3)) return this.foreign(operation, undefined, 'its input is no map');
    const { size, stride, padding } = options;
    if (![...size, ...stride].every(isPositive) || !padding.every(isCount)) {
      return this.foreign(operation, undefined, 'its size, strides or padding are out of range');
    }
    const windows = x.shape && windowsOf(x.shape, { ...options, dilation: [1, 1] });
    if (windows?.includes(0)) return this.foreign(operation, undefined, 'its window is larger than its input');
    const shape = x.shape && windows && [x.shape[0]!, ...windows];
    return this.#push({ ...this.#base(operation.name, [x]), kind: 'pool', ...options }, shape);
  }

  globalPool(operation: Operation, mode: 'max' | 'average'): Value {
    const [x] = operation.inputs;
    const [channels = null, height, width] = x?.shape ?? [];
    if (x?.shape?.length !== 3 || !height || !width) {
      return this.foreign(operation, [channels, 1, 1], 'the size of its input is not known');
    }
    const size: Pair = [height, width];
    return this.pool(operation, { mode, size, stride: size, padding: [0, 0, 0, 0], rounding: 'floor' });
  }

  flatten(operation: Operation): Value {
    const [x] = operation.inputs;
    if (!x) return this.foreign(operation, undefined);
    if (x.shape?.length === 1) return x;
    return this.#push({ ...this.#base(operation.name, [x]), kind: 'flatten' }, [x.shape ? product(x.shape) : null]);
  }

  relu(operation: Operation): Value {
    return this.#elementwise(operation, { kind: 'relu' });
  }

  activation(operation: Operation, activation: Pick<ActivationLayer, 'function' | 'alpha'>): Value {
    return this.#elementwise(operation, { kind: 'activation', ...activation });
  }

  softmax(operation: Operation): Value {
    const [x] = operation.inputs;
    const [, height = 1, width = 1] = x?.shape ?? [];
    if (height !== 1 || width !== 1) return this.foreign(operation, x?.shape, 'it goes by pixels');
    return this.#elementwise(operation, { kind: 'softmax' });
  }

  lrn(operation: Operation, options: Pick<LrnLayer, 'size' | 'alpha' | 'beta' | 'k'>): Value {
    const [x] = operation.inputs;
    if (options.size < 1 || options.size % 2 === 0) return this.foreign(operation, x?.shape, 'its size is not odd');
    return this.#elementwise(operation, { kind: 'lrn', ...options });
  }

  add(operation: Operation): Value {
    const [first, ...others] = operation.inputs;
    const alike = first?.shape && others.every(({ shape }) => shape?.join() === first.shape?.join());
    if (!alike) return this.foreign(operation, undefined, 'its inputs differ in shape');
    return this.#push({ ...this.#base(operation.name, operation.inputs), kind: 'add' }, first.shape);
  }

  concat(operation: Operation): Value {
    const { inputs } = operation;
    const [first] = inputs;
    const alike = first?.shape && inputs.every(({ shape }) => shape?.slice(1).join() === first.shape?.slice(1).join());
    if (!alike) return this.foreign(operation, undefined, 'its inputs differ in more than channels');
    if (inputs.length === 1) return first;
    const channels = inputs.reduce<Extent>((sum, { shape }) => plus(sum, shape![0]!), 0);
    return this.#push({ ...this.#base(operation.name, inputs), kind: 'concat' }, [channels, ...first.shape!.slice(1)]);
  }

  /** @param why - it is foreign, if that is not plain from its name */
  foreign(operation: Operation, shape: readonly Extent[] | undefined, why?: string): Value {
    const tensors = operation.tensors ?? [];
    const weights = tensors.map((tensor) => this.#weightName(tensor));
    this.#notes.push(
      `layer "${operation.name}" (${operation.operation}) cannot be run here${why === undefined ? '' : `: ${why}`}`,
    );
    const base = this.#base(operation.name, operation.inputs);
    const kept = weights.length > 0 && { weights };
    return this.#push({ ...base, kind: 'foreign', operation: operation.operation, ...kept }, shape);
  }

  /** Keeps a tensor that no layer takes. */
  keep(tensor: Tensor): void {
    this.#weightName(tensor);
  }

  #elementwise(
    operation: Operation,
    layer:
      | Pick<Extract<Layer, { kind: 'relu' | 'softmax' }>, 'kind'>
      | Omit<Extract<Layer, { kind: 'activation' | 'lrn' }>, 'name' | 'inputs' | 'outputShape'>,
  ): Value {
    const [x] = operation.inputs;
    if (!x) return this.foreign(operation, undefined, 'it has no input');
    return this.#push({ ...this.#base(operation.name, [x]), ...layer } as Layer, x.shape);
  }

  #base(name: string, inputs: readonly Value[]) {
    const free = this.#freeLayer(name || 'layer');
    return { name: free, inputs: inputs.map(({ layer }) => layer), outputShape: [] as number[] };
  }

  #push(layer: Layer, shape: readonly Extent[] | undefined): Value {
    this.#index.set(layer.name, this.layers.length);
    this.layers.push({ ...layer, outputShape: outputShape(shape) });
    return { layer: layer.name, shape };
  }

  /**
   * Fills in what a value's user knows of its shape.
   *
   * @returns the value, or undefined if it has another shape
   */
  #learn(value: Value, shape: readonly Extent[]): Value | undefined {
    const known = value.shape ?? shape.map(() => null);
    if (known.length !== shape.length) return undefined;
    if (known.some((extent, i) => extent !== null && shape[i] !== null && extent !== shape[i])) return undefined;
    value.shape = known.map((extent, i) => extent ?? shape[i]!);
    const index = this.#index.get(value.layer)!;
    this.layers[index] = { ...this.layers[index]!, outputShape: outputShape(value.shape) };
    return value;
  }

  /** Makes a value flat, of so many numbers, if it can be. */
  #learnFlat(value: Value, count: number): Value | undefined {
    if (!value.shape || value.shape.length === 1) return this.#learn(value, [count]);
    const total = product(value.shape);
    if (total !== null && total !== count) return undefined;
    const layer: Layer = { ...this.#base(`${value.layer}/flatten`, [value]), kind: 'flatten' };
    return this.#push(layer, [count]);
  }

  /**
   * Takes a tensor among the weights, under another name if its own is that of a different one.
   *
   * @throws CorruptDataError if a number is not finite, or there are too many
   */
  #weightName({ name, shape, values }: Tensor): string {
    const before = this.#tensors.get(values);
    if (before && before.shape.join() === shape.join()) return before.name;
    const free = this.#freeWeight(name || 'weight');
    const wrong = firstNonFinite(values);
    if (wrong >= 0) throw new CorruptDataError('not-finite', 0, `"${name}" is ${values[wrong]} at index ${wrong}`);
    if (!before) this.#room -= values.length;
    if (this.#room < 0)
      throw new CorruptDataError('limit', 0, `"${name}" and the others have more numbers than the file`);
    const weight = denseWeight(free, shape, values);
    this.weights.push(weight);
    this.#tensors.set(values, weight);
    return free;
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

const outputShape = (shape: readonly Extent[] | undefined): Shape => (shape ?? []).map((extent) => extent ?? 0);

const product = (shape: readonly Extent[]): Extent =>
  shape.reduce<Extent>((a, b) => (a === null || b === null ? null : a * b), 1);

const plus = (a: Extent, b: Extent): Extent => (a === null || b === null ? null : a + b);

interface Windows {
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly rounding: 'floor' | 'ceil';
}

/**
 * Counts windows, rows and columns: ⌊(H + top + bottom − reach) / stride⌋ + 1 with reach = (R − 1)·dilation + 1, or rounded up.
 * Rounded up, a last window that would begin in the padding below does not count, as in Caffe and ONNX.
 */
function windowsOf(shape: readonly Extent[], { size, stride, padding, dilation, rounding }: Windows): [Extent, Extent] {
  const count = (axis: 0 | 1): Extent => {
    const length = shape[axis + 1];
    if (length === null || length === undefined) return null;
    const [before, after] = [padding[2 * axis]!, padding[2 * axis + 1]!];
    const free = length + before + after - ((size[axis] - 1) * dilation[axis] + 1);
    if (free < 0 && rounding === 'floor') return 0;
    const windows = Math[rounding](free / stride[axis]) + 1;
    const beyond = rounding === 'ceil' && (windows - 1) * stride[axis] >= length + before;
    return Math.max(0, beyond ? windows - 1 : windows);
  };
  return [count(0), count(1)];
}

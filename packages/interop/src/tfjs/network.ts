import type { ActivationLayer, BatchnormLayer, Conv2dLayer, Layer, Shape } from '@pare/core';
import { freeName } from '../free-name.ts';
import { convolutionLayout, denseLayout, depthwiseLayout, flattenedLayout } from './layout.ts';
import { type Placement, Placements } from './placements.ts';
import { broadcast, completed, houseShape, isVector, product, same } from './shapes.ts';
import { addPadding, type Extent, NO_PADDING, type Padding, paddingOf, type Window, windowsOf } from './window.ts';

/** What flows from layer to layer, as tfjs sees it. */
export interface Value {
  /** The layer that makes it. */
  readonly layer: string;
  /** Without the batch, channels last: `[H, W, C]`, `[C]`. Undefined: not even the number of extents is known. */
  readonly shape: readonly Extent[] | undefined;
  /** `[H, W, C]` if it is that map flattened; then the house has the same numbers in the order of `[C, H, W]`. */
  readonly flattened?: readonly [number, number, number];
  /** The `[1, 1, C]` it was flattened from. */
  readonly map?: Value;
  /** Zeros that are not there yet: they become the padding of what comes next, if that has any. */
  readonly pending?: { readonly zeros: Padding; readonly operation: Operation; readonly unpadded: Value };
}

/** A step of a network of tfjs: what it takes and what it is called there. */
export interface Operation {
  readonly name: string;
  /** Class of a Keras layer, op of a node. */
  readonly operation: string;
  readonly inputs: readonly Value[];
  /** Names of its tensors, which stay with it if it can only be a foreign layer. */
  readonly tensors: readonly string[];
}

export interface ConvolutionOptions extends Omit<Window, 'size'> {
  /** Name of the tensor `[R, S, C, K]`, or `[R, S, C, M]` if depthwise. */
  readonly kernel: string;
  readonly bias?: string | undefined;
  readonly depthwise?: boolean;
}

/** A function of one number at a time, or of a vector. */
export type Activation =
  | { readonly kind: 'linear' | 'relu' | 'softmax' }
  | ({ readonly kind: 'activation' } & Pick<ActivationLayer, 'function' | 'alpha'>);

/**
 * Collects the layers of a network while its topology is read. Each method adds what one operation of tfjs is in the house
 * and returns its result; what the house has no word for becomes a foreign layer and a note.
 */
export class Network {
  readonly layers: Layer[] = [];
  readonly notes: string[] = [];
  readonly #placements: Placements;
  readonly #tensors: ReadonlyMap<string, Shape>;
  readonly #index = new Map<string, number>();
  readonly #nextLayer = new Map<string, number>();
  /** Layers whose shape may still be learned from those that use them. */
  readonly #open = new Set<string>();
  readonly #settled = new Map<string, Value>();

  /**
   * @param tensors - shapes of those that can be weights, by name
   * @param smallestForeign - numbers that a tensor of a foreign layer, or of none, must have to become a weight
   */
  constructor(tensors: ReadonlyMap<string, Shape>, smallestForeign = 0) {
    this.#tensors = tensors;
    this.#placements = new Placements(tensors, smallestForeign);
  }

  /** What became of the tensors, by name. */
  get placements(): ReadonlyMap<string, Placement> {
    return this.#placements.byTensor;
  }

  tensorShape(name: string | undefined): Shape | undefined {
    return name === undefined ? undefined : this.#tensors.get(name);
  }

  input(name: string, shape: readonly Extent[] | undefined): Value {
    const value = this.#push({ kind: 'input', name, inputs: [], outputShape: [] }, shape);
    if (shape === undefined || shape.includes(null)) {
      this.#open.add(value.layer);
      this.notes.push(`input "${name}" takes data of any size: shapes that depend on it say 0`);
    }
    return value;
  }

  convolution(operation: Operation, options: ConvolutionOptions): Value {
    const { kernel, bias, depthwise = false, ...rest } = options;
    const shape = this.tensorShape(kernel);
    const [x] = operation.inputs;
    if (!x || shape?.length !== 4) return this.foreign(operation, undefined, 'its kernel is not there');
    const [r, s, c, last] = shape as [number, number, number, number];
    const filters = depthwise ? c * last : last;
    const pending = x.pending?.zeros ?? NO_PADDING;
    const source = this.#learn(x.pending?.unpadded ?? x, [null, null, c]);
    if (!source || product(shape) === 0) {
      return this.foreign(operation, undefined, `its input does not have the ${c} channels of its kernel`);
    }
    const window: Window = { ...rest, size: [r, s] };
    const [height, width] = source.shape as [Extent, Extent];
    const padded = [height && height + pending[0] + pending[1], width && width + pending[2] + pending[3]];
    this.#noteGuess(operation, window, padded);
    const own = paddingOf(window, padded);
    const padding = addPadding(pending, own);
    const layer = this.#unique(operation.name);
    const houseShape = depthwise ? [filters, 1, r, s] : [filters, c, r, s];
    const layout = depthwise ? depthwiseLayout(shape) : convolutionLayout(shape);
    const kernelName = this.#placements.place(kernel, `${layer}/kernel`, houseShape, layout);
    const biasName = bias === undefined ? undefined : this.#placements.place(bias, `${layer}/bias`, [filters]);
    if (kernelName === undefined || (bias !== undefined && biasName === undefined)) {
      return this.foreign(
        operation,
        [...windowsOf(window, own, padded), filters],
        'its weights serve others in another way',
      );
    }
    const made: Conv2dLayer = {
      kind: 'conv2d',
      name: layer,
      inputs: [source.layer],
      outputShape: [],
      kernel: kernelName,
      ...(biasName !== undefined && { bias: biasName }),
      filters,
      kernelSize: [r, s],
      stride: rest.stride,
      padding,
      ...(rest.dilation.some((step) => step !== 1) && { dilation: rest.dilation }),
      groups: depthwise ? c : 1,
    };
    return this.#push(made, [...windowsOf(window, own, padded), filters]);
  }

  /** @param kernel - name of the tensor `[C, K]`, or `[K, C]` if transposed */
  dense(operation: Operation, kernel: string, bias?: string, transposed = false): Value {
    const shape = this.tensorShape(kernel);
    const x = operation.inputs[0] && this.settle(operation.inputs[0]);
    if (!x || shape?.length !== 2) return this.foreign(operation, undefined, 'its kernel is not there');
    const [inputs, units] = (transposed ? [shape[1], shape[0]] : shape) as [number, number];
    const source = this.#learn(x, [inputs]);
    if (!source) {
      const result = x.shape && [...x.shape.slice(0, -1), units];
      return this.foreign(operation, result, `its input is not the ${inputs} numbers that its kernel takes`);
    }
    const layer = this.#unique(operation.name);
    const layout = denseLayout(shape, source.flattened, transposed);
    const kernelName = this.#placements.place(kernel, `${layer}/kernel`, [units, inputs], layout);
    const biasName = bias === undefined ? undefined : this.#placements.place(bias, `${layer}/bias`, [units]);
    if (kernelName === undefined || (bias !== undefined && biasName === undefined)) {
      return this.foreign(operation, [units], 'its weights serve others in another way');
    }
    return this.#push(
      {
        kind: 'dense',
        name: layer,
        inputs: [source.layer],
        outputShape: [],
        kernel: kernelName,
        ...(biasName !== undefined && { bias: biasName }),
        units,
      },
      [units],
    );
  }

  /**
   * Gives a bias to the convolution or dense layer that makes a value, if it has none.
   *
   * @returns whether it could
   */
  addBias(value: Value, bias: string): boolean {
    const index = this.#index.get(value.layer);
    const layer = index === undefined ? undefined : this.layers[index];
    if (!layer || (layer.kind !== 'conv2d' && layer.kind !== 'dense') || layer.bias !== undefined || value.pending)
      return false;
    const count = layer.kind === 'dense' ? layer.units : layer.filters;
    const name = this.#placements.place(bias, `${layer.name}/bias`, [count]);
    if (name === undefined) return false;
    this.layers[index!] = { ...layer, bias: name };
    return true;
  }

  batchnorm(
    operation: Operation,
    tensors: { readonly [role in 'gamma' | 'beta']?: string | undefined } & {
      readonly [role in 'mean' | 'variance']: string | undefined;
    },
    epsilon: number,
  ): Value {
    const x = operation.inputs[0] && this.settle(operation.inputs[0]);
    const count = this.tensorShape(tensors.mean)?.[0];
    const known = x && count !== undefined && this.#learn(x, x.shape?.length === 1 ? [count] : [null, null, count]);
    if (!known || tensors.mean === undefined || tensors.variance === undefined) {
      return this.foreign(operation, x?.shape, 'its statistics do not fit its input');
    }
    const layer = this.#unique(operation.name);
    const place = (role: keyof typeof tensors): string | undefined => {
      const tensor = tensors[role];
      if (tensor === undefined) return undefined;
      const layout = known.flattened && flattenedLayout(known.flattened);
      return this.#placements.place(tensor, `${layer}/${role}`, [count], layout);
    };
    const [gamma, beta, mean, variance] = [place('gamma'), place('beta'), place('mean'), place('variance')];
    const lost = (role: 'gamma' | 'beta', placed?: string): boolean =>
      placed === undefined && tensors[role] !== undefined;
    if (mean === undefined || variance === undefined || lost('gamma', gamma) || lost('beta', beta)) {
      return this.foreign(operation, known.shape, 'its weights serve others in another way');
    }
    const made: BatchnormLayer = {
      kind: 'batchnorm',
      name: layer,
      inputs: [known.layer],
      outputShape: [],
      mean,
      variance,
      ...(gamma !== undefined && { gamma }),
      ...(beta !== undefined && { beta }),
      epsilon,
    };
    return { ...this.#push(made, known.shape), ...orderOf(known) };
  }

  pool(operation: Operation, mode: 'max' | 'average', options: Omit<Window, 'dilation'>): Value {
    const [given] = operation.inputs;
    // A largest number that is not negative is not changed by zeros.
    const absorbs =
      mode === 'max' && given?.pending && this.#isRectified(given.pending.unpadded) && options.padding === 'valid';
    const x = given && (absorbs ? given.pending!.unpadded : this.settle(given));
    const window: Window = { ...options, dilation: [1, 1] };
    if (x?.shape?.length !== 3) return this.foreign(operation, undefined, 'its input is no map');
    const [height, width, channels] = x.shape as [Extent, Extent, Extent];
    this.#noteGuess(operation, window, [height, width]);
    const padding = absorbs ? given!.pending!.zeros : paddingOf(window, [height, width]);
    const shape = [...windowsOf(window, padding, [height, width]), channels];
    return this.#push(
      {
        kind: 'pool',
        name: this.#unique(operation.name),
        inputs: [x.layer],
        outputShape: [],
        mode,
        size: window.size,
        stride: window.stride,
        padding,
        rounding: 'floor',
      },
      shape,
    );
  }

  globalPool(operation: Operation, mode: 'max' | 'average', keepsExtents: boolean): Value {
    const x = operation.inputs[0] && this.settle(operation.inputs[0]);
    const [height, width, channels] = x?.shape ?? [];
    const shape = channels === undefined ? undefined : keepsExtents ? [1, 1, channels] : [channels];
    if (x?.shape?.length !== 3 || !height || !width || !channels) {
      return this.foreign(operation, shape, 'the size of its input is not known');
    }
    const map = this.pool({ ...operation, inputs: [x] }, mode, {
      size: [height, width],
      stride: [height, width],
      padding: 'valid',
    });
    return keepsExtents ? map : this.flatten({ ...operation, name: `${operation.name}/flatten`, inputs: [map] });
  }

  flatten(operation: Operation): Value {
    const x = operation.inputs[0] && this.settle(operation.inputs[0]);
    if (x?.shape?.length === 1) return x;
    if (!x?.shape || x.shape.includes(null))
      return this.foreign(operation, [null], 'the size of its input is not known');
    const extents = x.shape as readonly number[];
    const count = extents.reduce((a, b) => a * b, 1);
    const value = this.#push(
      { kind: 'flatten', name: this.#unique(operation.name), inputs: [x.layer], outputShape: [] },
      [count],
    );
    if (extents.length !== 3) return value;
    const [height, width, channels] = extents as [number, number, number];
    if (height * width === 1) return { ...value, map: x };
    return channels === 1 ? value : { ...value, flattened: [height, width, channels] };
  }

  /** To another shape of as many numbers; null stands for the extent that follows from the others. */
  reshape(operation: Operation, target: readonly Extent[]): Value {
    const x = operation.inputs[0] && this.settle(operation.inputs[0]);
    const shape = x && completed(target, x.shape);
    if (!x || !shape) return this.foreign(operation, target, 'the size of its input is not known');
    if (shape.join() === x.shape?.join()) return x;
    if (shape.length === 1) return this.flatten(operation);
    if (x.map && shape.join() === x.map.shape?.join()) return x.map;
    return this.foreign(operation, shape);
  }

  activation(operation: Operation, activation: Activation | undefined, name: string = operation.name): Value {
    const [given] = operation.inputs;
    if (activation?.kind === 'linear' && given) return given;
    const x = given && this.settle(given);
    if (!activation || !x || activation.kind === 'linear') return this.foreign({ ...operation, name }, x?.shape);
    if (activation.kind === 'softmax' && !isVector(x.shape)) {
      return this.foreign({ ...operation, name }, x.shape, 'it goes by pixels');
    }
    const base = { name: this.#unique(name), inputs: [x.layer], outputShape: [] };
    const made: Layer =
      activation.kind === 'activation' ? { ...base, ...activation } : { ...base, kind: activation.kind };
    return { ...this.#push(made, x.shape), ...orderOf(x) };
  }

  add(operation: Operation): Value {
    const inputs = operation.inputs.map((x) => this.settle(x));
    const [first] = inputs;
    const alike = inputs.every((x) => x.shape && same(x.shape, first?.shape) && same(x.flattened, first?.flattened));
    if (!first || !alike) return this.foreign(operation, broadcast(inputs), 'its inputs differ in shape or order');
    const name = this.#unique(operation.name);
    const value = this.#push({ kind: 'add', name, inputs: inputs.map((x) => x.layer), outputShape: [] }, first.shape);
    return { ...value, ...orderOf(first) };
  }

  /** @param axis - counted without the batch; negative ones from the end */
  concat(operation: Operation, axis: number): Value {
    const inputs = operation.inputs.map((x) => this.settle(x));
    const [first] = inputs;
    const rank = first?.shape?.length;
    if (!first || rank === undefined || inputs.some((x) => x.shape?.length !== rank))
      return this.foreign(operation, undefined);
    const at = axis < 0 ? axis + rank : axis;
    if (inputs.length === 1) return first;
    const shape = first.shape!.map((extent, i) => {
      const extents = inputs.map((x) => x.shape![i]!);
      return i === at ? extents.reduce<Extent>((a, b) => (a === null || b === null ? null : a + b), 0) : extent;
    });
    const joins = at === rank - 1 && (rank === 1 || rank === 3);
    if (!joins || inputs.some((x) => x.flattened)) return this.foreign(operation, shape, 'it does not join channels');
    const layers = inputs.map((x) => x.layer);
    return this.#push({ kind: 'concat', name: this.#unique(operation.name), inputs: layers, outputShape: [] }, shape);
  }

  /** Zeros around a map: kept until it is known whether they can be a layer's padding. */
  pad(operation: Operation, zeros: Padding): Value {
    const [x] = operation.inputs;
    if (x?.shape?.length !== 3) return this.foreign(operation, undefined);
    const [height, width, channels] = x.shape as [Extent, Extent, Extent];
    const shape = [height && height + zeros[0] + zeros[1], width && width + zeros[2] + zeros[3], channels];
    const total = addPadding(x.pending?.zeros ?? NO_PADDING, zeros);
    const unpadded = x.pending?.unpadded ?? x;
    return { layer: unpadded.layer, shape, pending: { zeros: total, operation, unpadded } };
  }

  /** Makes pending zeros a layer, for those that cannot take them as their own padding. */
  settle(value: Value): Value {
    const { pending } = value;
    if (!pending) return value;
    const { operation } = pending;
    let settled = this.#settled.get(operation.name);
    if (!settled) {
      settled = this.foreign(operation, value.shape, 'nothing after it pads');
      this.#settled.set(operation.name, settled);
    }
    return settled;
  }

  /** What the house has no word for. */
  foreign(operation: Operation, shape: readonly Extent[] | undefined, reason?: string): Value {
    const { name, operation: kind, tensors } = operation;
    const inputs = operation.inputs.map((x) => this.settle(x).layer);
    const weights = tensors.flatMap((tensor) => this.#placements.placeAsIs(tensor) ?? []);
    const layer = this.#unique(name);
    this.notes.push(
      `"${name}": ${kind} cannot be represented${reason ? `: ${reason}` : ''}; it keeps its place${weights.length ? ' and weights' : ''}`,
    );
    const value = this.#push(
      {
        kind: 'foreign',
        name: layer,
        inputs,
        outputShape: [],
        operation: kind,
        ...(weights.length > 0 && { weights }),
      },
      shape,
    );
    if (!shape || shape.includes(null)) this.#open.add(layer);
    return value;
  }

  #push(layer: Layer, shape: readonly Extent[] | undefined): Value {
    const name = this.#index.has(layer.name) ? this.#unique(layer.name) : layer.name;
    this.#index.set(name, this.layers.length);
    this.layers.push({ ...layer, name, outputShape: houseShape(shape) });
    return { layer: name, shape };
  }

  /**
   * Takes what a layer must have been given for what a layer of unknown shape gives.
   *
   * @returns the value with the extents that are known now; undefined if they contradict
   */
  #learn(value: Value, expected: readonly Extent[]): Value | undefined {
    const { shape } = value;
    if (shape && shape.length !== expected.length) return undefined;
    const learned = expected.map((extent, i) => shape?.[i] ?? extent);
    if (expected.some((extent, i) => extent !== null && extent !== learned[i])) return undefined;
    if (!shape || !same(shape, learned)) {
      if (!this.#open.has(value.layer)) return undefined;
      const index = this.#index.get(value.layer)!;
      const already = this.layers[index]!.outputShape;
      const next = houseShape(learned).map((extent, i) => already[i] || extent);
      if (already.length > 0 && already.length !== next.length) return undefined;
      this.layers[index] = { ...this.layers[index]!, outputShape: next };
      const contradicts = houseShape(learned).some((extent, i) => extent !== 0 && extent !== next[i]);
      if (contradicts) return undefined;
    }
    return { ...value, shape: learned };
  }

  /**
   * Ends the network: zeros that none of its results took become layers, a flattening that was taken back is left out, and the
   * tensors that no operation asked for become weights.
   */
  finish(results: readonly Value[]): void {
    const taken = new Set(results.map((value) => this.settle(value).layer));
    for (const { inputs } of this.layers) for (const input of inputs) taken.add(input);
    const kept = this.layers.filter(({ kind, name }) => kind !== 'flatten' || taken.has(name));
    this.layers.length = 0;
    for (const layer of kept) this.layers.push(layer);
    this.#placements.placeRest();
  }

  #unique(name: string): string {
    return freeName(name, this.#index, this.#nextLayer, '~');
  }

  #isRectified({ layer }: Value): boolean {
    const made = this.layers[this.#index.get(layer) ?? -1];
    return made?.kind === 'relu' || (made?.kind === 'activation' && made.function === 'relu6');
  }

  #noteGuess({ name }: Operation, window: Window, extents: readonly Extent[]): void {
    if (window.padding !== 'same' || window.stride.every((step) => step === 1) || !extents.includes(null)) return;
    this.notes.push(`"${name}" pads by the size of its input, which is not known: taken for a multiple of its stride`);
  }
}

const orderOf = ({ flattened }: Value): Pick<Value, 'flattened'> => (flattened ? { flattened } : {});

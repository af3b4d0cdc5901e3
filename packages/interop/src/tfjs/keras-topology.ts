import { elementCount, type Layer, type Model, type PoolLayer, type Shape } from '@pare/core';
import type { JsonObject } from './json.ts';
import { convolutionLayout, denseLayout, depthwiseLayout, flattenedLayout, keepsOrder, type Layout } from './layout.ts';
import type { TensorEntry, TfjsTopology } from './topology.ts';
import { type Padding, paddingOf, padsNothing } from './window.ts';

/**
 * Writes the layers of a model as a Keras topology, for one that did not come from tfjs.
 *
 * Layers keep their names. Padding becomes a layer of its own (`<layer>/padding`), as does the flattening before a dense layer
 * (`<layer>/flatten`). Max-pools that count partial windows become ones over zeros added below and to the right, where what
 * they take cannot be negative.
 *
 * @throws RangeError if the layers of tfjs cannot express a layer, naming it
 * @example
 * const { model } = kerasTopology({
 *   layers: [
 *     { kind: 'input', name: 'data', inputs: [], outputShape: [4] },
 *     { kind: 'softmax', name: 'prob', inputs: ['data'], outputShape: [4] },
 *   ],
 *   weights: [],
 *   history: [],
 * });
 * model.modelTopology.config.layers.map((layer) => layer.class_name) // [ 'InputLayer', 'Softmax' ]
 */
export function kerasTopology(model: Pick<Model, 'name' | 'layers' | 'weights' | 'history'>): TfjsTopology {
  const writer = new Writer();
  for (const layer of model.layers) writer.write(layer);
  const taken = new Set(model.layers.flatMap((layer) => layer.inputs));
  const ends = model.layers.filter((layer) => !taken.has(layer.name)).map(({ name }) => name);
  const inputs = model.layers.filter((layer) => layer.kind === 'input').map(({ name }) => name);
  if (inputs.length === 0) throw new RangeError('tfjs: "model" expected an input layer');
  const reference = (name: string): [string, number, number] => [name, 0, 0];
  const config = {
    name: model.name ?? 'model',
    layers: writer.layers,
    input_layers: inputs.map(reference),
    output_layers: ends.map(reference),
  };
  return {
    tfjs: 1,
    model: {
      format: 'layers-model',
      generatedBy: 'pare',
      convertedBy: null,
      modelTopology: { class_name: 'Model', config, keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' },
    },
    groups: [writer.tensors],
  };
}

/** What a layer gives, in the house's shape. */
interface Made {
  readonly shape: Shape;
  /** The name of the tfjs layer that gives it. */
  readonly from: string;
  /** `[C, H, W]` if it is that map flattened, which tfjs has in the order of `[H, W, C]`. */
  readonly flattened?: Shape;
  /** Whether none of its numbers is below zero. */
  readonly nonNegative: boolean;
}

class Writer {
  readonly layers: JsonObject[] = [];
  readonly tensors: TensorEntry[] = [];
  readonly #made = new Map<string, Made>();

  write(layer: Layer): void {
    const inputs = layer.inputs.map((input) => {
      const made = this.#made.get(input);
      if (!made) throw new RangeError(`tfjs: layer "${layer.name}" takes "${input}", which no layer before it makes`);
      return made;
    });
    const [x] = inputs;
    if (layer.kind === 'input') {
      const shape = channelsLast(layer.outputShape);
      this.#layer('InputLayer', layer.name, [], {
        batch_input_shape: [null, ...shape],
        dtype: 'float32',
        sparse: false,
      });
      this.#made.set(layer.name, { shape: layer.outputShape, from: layer.name, nonNegative: false });
      return;
    }
    if (!x) throw new RangeError(`tfjs: layer "${layer.name}" expected an input`);
    const flattened = this.#body(layer, x, inputs);
    this.#made.set(layer.name, {
      shape: layer.outputShape,
      from: layer.name,
      ...(flattened && { flattened }),
      nonNegative:
        NON_NEGATIVE.has(layer.kind === 'activation' ? layer.function : layer.kind) ||
        (KEEPS_SIGN.has(layer.kind) && inputs.every((made) => made.nonNegative)),
    });
  }

  /** @returns the shape that its result is a flattened map of, if it is */
  #body(layer: Exclude<Layer, { kind: 'input' }>, x: Made, inputs: readonly Made[]): Shape | undefined {
    const { name } = layer;
    const refuse = (what: string): never => {
      throw new RangeError(`tfjs: layer "${name}": ${what}, which the layers of tfjs cannot express`);
    };
    const put = (className: string, config: JsonObject = {}, from: string = x.from): void =>
      this.#layer(className, name, [from], config);
    switch (layer.kind) {
      case 'conv2d': {
        const { filters, kernelSize, stride, dilation = [1, 1], groups, bias } = layer;
        const channels = x.shape[0]!;
        const depthwise = groups === channels && groups > 1;
        if (groups !== 1 && !depthwise) refuse(`a convolution of ${groups} groups over ${channels} channels`);
        const [r, s] = kernelSize;
        const windows = {
          kernel_size: [...kernelSize],
          strides: [...stride],
          padding: 'valid',
          data_format: 'channels_last',
          dilation_rate: [...dilation],
          activation: 'linear',
          use_bias: bias !== undefined,
        };
        const from = this.#padded(name, layer.padding, x.from);
        if (depthwise) {
          const shape = [r, s, channels, filters / channels];
          put('DepthwiseConv2D', { depth_multiplier: filters / channels, ...windows }, from);
          this.#tensor(`${name}/depthwise_kernel`, layer.kernel, shape, depthwiseLayout(shape));
        } else {
          const shape = [r, s, channels, filters];
          put('Conv2D', { filters, ...windows }, from);
          this.#tensor(`${name}/kernel`, layer.kernel, shape, convolutionLayout(shape));
        }
        if (bias !== undefined) this.#tensor(`${name}/bias`, bias, [filters]);
        return undefined;
      }
      case 'dense': {
        const map = x.flattened ?? (x.shape.length === 3 ? x.shape : undefined);
        let { from } = x;
        if (x.shape.length === 3) this.#layer('Flatten', (from = `${name}/flatten`), [x.from], {});
        const shape = [elementCount(x.shape), layer.units];
        put('Dense', { units: layer.units, activation: 'linear', use_bias: layer.bias !== undefined }, from);
        this.#tensor(`${name}/kernel`, layer.kernel, shape, denseLayout(shape, map && channelsLast(map)));
        if (layer.bias !== undefined) this.#tensor(`${name}/bias`, layer.bias, [layer.units]);
        return undefined;
      }
      case 'pool': {
        const { from, padding } = this.#pooled(layer, x, refuse);
        const config = {
          pool_size: [...layer.size],
          strides: [...layer.stride],
          padding,
          data_format: 'channels_last',
        };
        put(layer.mode === 'max' ? 'MaxPooling2D' : 'AveragePooling2D', config, from);
        return undefined;
      }
      case 'relu':
        put('ReLU', { max_value: null });
        return x.flattened;
      case 'softmax':
        put('Softmax', { axis: -1 });
        return x.flattened;
      case 'activation':
        put(...activationLayer(layer.function, layer.alpha, refuse));
        return x.flattened;
      case 'flatten':
        put('Flatten');
        return x.flattened ?? (movesNumbers(x.shape) ? x.shape : undefined);
      case 'batchnorm': {
        const shape = x.shape.slice(0, 1);
        const layout = x.flattened && flattenedLayout(channelsLast(x.flattened));
        put('BatchNormalization', {
          axis: [x.shape.length],
          epsilon: layer.epsilon,
          center: layer.beta !== undefined,
          scale: layer.gamma !== undefined,
        });
        if (layer.gamma !== undefined) this.#tensor(`${name}/gamma`, layer.gamma, shape, layout);
        if (layer.beta !== undefined) this.#tensor(`${name}/beta`, layer.beta, shape, layout);
        this.#tensor(`${name}/moving_mean`, layer.mean, shape, layout);
        this.#tensor(`${name}/moving_variance`, layer.variance, shape, layout);
        return x.flattened;
      }
      case 'add':
      case 'concat': {
        const orders = new Set(inputs.map(({ flattened }) => flattened?.join()));
        if (layer.kind === 'concat' ? inputs.some((made) => made.flattened) : orders.size > 1) {
          refuse('inputs that were flattened from maps');
        }
        const [className, config] = layer.kind === 'add' ? ['Add', {}] : ['Concatenate', { axis: -1 }];
        this.#layer(
          className as string,
          name,
          inputs.map(({ from }) => from),
          config as JsonObject,
        );
        return x.flattened;
      }
      default:
        return refuse(
          layer.kind === 'foreign' ? `the foreign operation ${layer.operation}` : `the kind "${layer.kind}"`,
        );
    }
  }

  #pooled(layer: PoolLayer, x: Made, refuse: (what: string) => never): { from: string; padding: 'same' | 'valid' } {
    const [, height = 0, width = 0] = x.shape;
    const [, rows = 0, columns = 0] = layer.outputShape;
    const { size, stride, mode } = layer;
    // Rows and columns that the last window reaches beyond the padded input.
    const beyond = ([0, 1] as const).map((axis) => {
      const windows = [rows, columns][axis]!;
      const length = [height, width][axis]! + layer.padding[2 * axis]! + layer.padding[2 * axis + 1]!;
      return Math.max(0, (windows - 1) * stride[axis] + size[axis] - length);
    });
    const [top, bottom, left, right] = layer.padding;
    const zeros: Padding = [top, bottom + beyond[0]!, left, right + beyond[1]!];
    if (padsNothing(zeros)) return { from: x.from, padding: 'valid' };
    const same = paddingOf({ size, stride, dilation: [1, 1], padding: 'same' }, [height, width]);
    if (same.join() === zeros.join()) return { from: x.from, padding: 'same' };
    if (mode === 'average') refuse('an average pool with such padding or partial windows');
    if (!x.nonNegative) refuse('a max-pool with such padding or partial windows over numbers that may be negative');
    return { from: this.#padded(layer.name, zeros, x.from), padding: 'valid' };
  }

  #padded(name: string, zeros: Padding, from: string): string {
    if (padsNothing(zeros)) return from;
    const [top, bottom, left, right] = zeros;
    const config = {
      padding: [
        [top, bottom],
        [left, right],
      ],
      data_format: 'channels_last',
    };
    this.#layer('ZeroPadding2D', `${name}/padding`, [from], config);
    return `${name}/padding`;
  }

  #layer(className: string, name: string, inputs: readonly string[], config: JsonObject): void {
    this.layers.push({
      name,
      class_name: className,
      config: { name, trainable: true, ...config },
      inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
    });
  }

  #tensor(name: string, weight: string, shape: Shape, layout?: Layout): void {
    const moved = layout && !keepsOrder(layout) ? layout : {};
    this.tensors.push({ spec: { name, shape, dtype: 'float32' }, ...(weight !== name && { weight }), ...moved });
  }
}

const NON_NEGATIVE: ReadonlySet<string> = new Set(['relu', 'relu6', 'sigmoid', 'softmax']);
const KEEPS_SIGN: ReadonlySet<string> = new Set(['pool', 'flatten', 'concat', 'add']);

const channelsLast = (shape: Shape): number[] => (shape.length === 3 ? [shape[1]!, shape[2]!, shape[0]!] : [...shape]);

/** Whether flattening a shape puts numbers elsewhere in tfjs than in the house. */
const movesNumbers = ([channels = 1, ...extents]: Shape): boolean =>
  extents.length === 2 && channels > 1 && elementCount(extents) > 1;

function activationLayer(
  kind: string,
  alpha: number | undefined,
  refuse: (what: string) => never,
): [className: string, config: JsonObject] {
  switch (kind) {
    case 'relu6':
      return ['ReLU', { max_value: 6 }];
    case 'leakyRelu':
      return ['LeakyReLU', { alpha: alpha ?? 0.01 }];
    case 'elu':
      return ['ELU', { alpha: alpha ?? 1 }];
    case 'sigmoid':
    case 'tanh':
    case 'swish':
    case 'gelu':
      return ['Activation', { activation: kind }];
    case 'hardSigmoid':
      if (alpha !== undefined && alpha !== 0.2) return refuse(`a hard sigmoid of slope ${alpha}`);
      return ['Activation', { activation: 'hard_sigmoid' }];
    default:
      return refuse(`the activation "${kind}"`);
  }
}

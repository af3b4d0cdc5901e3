import type { Layer, Preprocess } from '@pare/core';
import { fire } from './fire.ts';
import { type Block, type LayerStep, sequence } from './sequence.ts';

/** Which member of the family: how wide it is, and what leads past its modules. */
export interface SqueezenetOptions {
  /** 1.1 needs 2.4 times fewer multiplications for the same accuracy; default `'1.0'`, the one of the paper. */
  readonly version?: '1.0' | '1.1';
  /** Default 1000. */
  readonly classes?: number;
  /** Height and width of the input; default 227 for 1.0, as in Caffe, and 224 for 1.1. */
  readonly side?: number;
  /** Whether it ends in probabilities; default false: in logits, as the other networks here. */
  readonly softmax?: boolean;
  /** base_e: filters that the first module expands to, 1 × 1 and 3 × 3 together; default 128. */
  readonly baseExpand?: number;
  /** incr_e: filters more after every `frequency` modules; default 128. */
  readonly expandIncrement?: number;
  /** freq: modules of the same width; default 2. */
  readonly frequency?: number;
  /** pct3x3: share of a module's expand filters that are 3 × 3, 0 … 1; default 0.5. */
  readonly share3x3?: number;
  /** SR: squeeze filters ÷ expand filters; default 0.125. */
  readonly squeezeRatio?: number;
  /**
   * `'simple'` adds a module's input to its output where both have as many channels (fire3, 5, 7 and 9); `'complex'` also adds
   * a 1 × 1 convolution of it everywhere else. Default: neither.
   */
  readonly bypass?: 'simple' | 'complex';
  /** Whether a pool's last, partial window counts; default `'ceil'` for 1.0, as in Caffe, and `'floor'` for 1.1. */
  readonly poolRounding?: 'floor' | 'ceil';
  /** Zeros around the maps that conv10 sees; default 1 for 1.0, as released, and 0 for 1.1. */
  readonly conv10Padding?: number;
}

/**
 * Lists the layers of SqueezeNet, named as in its authors' files: v1.0 has 1,248,424 parameters, v1.1 1,235,496.
 *
 * Module i of eight, from 0, expands to e_i = base_e + incr_e · ⌊i/freq⌋ filters, e_i · pct3x3 of them 3 × 3, after squeezing to
 * SR · e_i; each rounded to whole filters.
 *
 * Dropout, which does nothing after training, is left out. conv10 of v1.0 pads its 1 × 1 kernel by one, as the released
 * network does: the average then includes a rim of biases.
 *
 * The input of v1.0 is BGR of 0 … 255 minus the mean colour, as Caffe's; that of v1.1 is RGB of mean 0 and deviation 1.
 *
 * @throws RangeError if `side` is too small, naming the layer that has no room, or if a module is left without filters
 * @example
 * layerTable(squeezenet()).reduce((sum, { weights, biases }) => sum + weights + biases, 0) // 1248424
 * layerTable(squeezenet({ squeezeRatio: 0.75 })).reduce((sum, { weights, biases }) => sum + weights + biases, 0) // 4841704
 * squeezenet({ version: '1.1', classes: 10 }).at(-1)?.outputShape // [10]
 * @see Iandola et al. 2016, table 1, section 5.1 (the family) and section 6 (bypasses);
 * github.com/forresti/SqueezeNet, SqueezeNet_v1.0 and SqueezeNet_v1.1
 */
export function squeezenet(options: SqueezenetOptions = {}): Layer[] {
  const { version = '1.0', classes = 1000, softmax = false } = options;
  const { conv1, poolsAfter, preprocess, ...released } = VERSIONS[version];
  const { side = released.side, poolRounding: rounding = released.poolRounding } = options;
  const { conv10Padding: padding = released.conv10Padding } = options;
  const modules = widths(options).flatMap((width, i) => {
    const number = i + 2; // fire2 comes after conv1
    return [module(`fire${number}`, width, options.bypass), ...(poolsAfter.includes(number) ? [pool(number)] : [])];
  });
  function pool(number: number): LayerStep {
    return { kind: 'pool', name: `pool${number}`, size: 3, stride: 2, rounding };
  }
  return sequence(
    [3, side, side],
    [
      { kind: 'conv2d', name: 'conv1', stride: 2, ...conv1 },
      { kind: 'relu', name: 'relu_conv1' },
      pool(1),
      ...modules,
      { kind: 'conv2d', name: 'conv10', filters: classes, kernelSize: 1, padding },
      { kind: 'relu', name: 'relu_conv10' },
      { kind: 'pool', name: 'pool10', mode: 'average', size: 'global' },
      { kind: 'flatten', name: 'flatten' },
      ...(softmax ? [{ kind: 'softmax', name: 'prob' } as const] : []),
    ],
    preprocess,
  );
}

const MODULES = 8;

interface Width {
  readonly squeeze: number;
  readonly expand1x1: number;
  readonly expand3x3: number;
}

function widths(options: SqueezenetOptions): Width[] {
  const { baseExpand = 128, expandIncrement = 128, frequency = 2, share3x3 = 0.5, squeezeRatio = 0.125 } = options;
  return Array.from({ length: MODULES }, (_, i) => {
    const expand = baseExpand + expandIncrement * Math.floor(i / frequency);
    const expand3x3 = Math.round(expand * share3x3);
    const width = { squeeze: Math.round(expand * squeezeRatio), expand1x1: expand - expand3x3, expand3x3 };
    const wrong = Object.entries(width).find(([, filters]) => !(Number.isInteger(filters) && filters > 0));
    if (wrong) {
      throw new RangeError(`squeezenet: "${wrong[0]}" of fire${i + 2} expected whole filters ≥ 1, got ${wrong[1]}`);
    }
    return width;
  });
}

/** A module, with a bypass if asked for and possible. */
const module =
  (name: string, width: Width, bypass: SqueezenetOptions['bypass']): Block =>
  (source) => {
    const same = source.outputShape[0] === width.expand1x1 + width.expand3x3;
    const past = bypass && (same ? 'identity' : bypass === 'complex' ? 'convolution' : undefined);
    return fire(name, { ...width, ...(past && { bypass: past }) })(source);
  };

interface Version {
  readonly side: number;
  readonly conv1: { readonly filters: number; readonly kernelSize: number };
  /** Numbers of the modules that a pool follows. */
  readonly poolsAfter: readonly number[];
  readonly poolRounding: 'floor' | 'ceil';
  readonly conv10Padding: number;
  readonly preprocess: Preprocess;
}

const VERSIONS: Readonly<Record<'1.0' | '1.1', Version>> = {
  '1.0': {
    side: 227,
    conv1: { filters: 96, kernelSize: 7 },
    poolsAfter: [4, 8],
    poolRounding: 'ceil',
    conv10Padding: 1,
    preprocess: { resize: 256, channelOrder: 'bgr', mean: [104, 117, 123] },
  },
  '1.1': {
    side: 224,
    conv1: { filters: 64, kernelSize: 3 },
    poolsAfter: [3, 5],
    poolRounding: 'floor',
    conv10Padding: 0,
    preprocess: { resize: 256, scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  },
};

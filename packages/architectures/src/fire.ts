import type { Layer } from '@pare/core';
import { type Block, follow, type Step } from './sequence.ts';

/** Filters of a Fire module. */
export interface FireOptions {
  /** Of the 1 × 1 convolution that comes first and leaves few channels. */
  readonly squeeze: number;
  /** Of the 1 × 1 half of what comes next. */
  readonly expand1x1: number;
  /** Of its 3 × 3 half; default as many. */
  readonly expand3x3?: number;
  /**
   * What is added to the output: the input (`'identity'`, if it has as many channels), or a 1 × 1 convolution of it,
   * `<name>/bypass1x1`, without a ReLU (`'convolution'`). Default: nothing.
   */
  readonly bypass?: 'identity' | 'convolution';
}

/**
 * Makes a Fire module: few 1 × 1 filters squeeze, then 1 × 1 and 3 × 3 filters expand side by side, and their channels are put
 * one behind the other, 1 × 1 first. Each convolution is followed by a ReLU.
 *
 * Its layers are named `<name>/squeeze1x1`, `<name>/expand1x1`, `<name>/expand3x3` and, the output, `<name>/concat`; with a
 * bypass the output is `<name>/bypass`.
 *
 * @returns a step of `sequence`, which throws a RangeError if an identity does not have the channels of the output
 * @example
 * sequence([96, 55, 55], [fire('fire2', { squeeze: 16, expand1x1: 64 })]).at(-1)?.outputShape // [128, 55, 55]
 * @see Iandola et al. 2016, section 3.2, figure 1; section 6 and figure 2 for bypasses
 */
export function fire(name: string, options: FireOptions): Block {
  const { squeeze, expand1x1, expand3x3 = expand1x1, bypass } = options;
  return (source) => {
    const squeezed = follow(source, convRelu(name, 'squeeze1x1', squeeze, 1));
    const narrow = follow(squeezed.at(-1)!, convRelu(name, 'expand1x1', expand1x1, 1));
    const wide = follow(squeezed.at(-1)!, convRelu(name, 'expand3x3', expand3x3, 3));
    const [one, three] = [narrow.at(-1)!, wide.at(-1)!];
    const [, height, width] = one.outputShape as [number, number, number];
    const concat: Layer = {
      kind: 'concat',
      name: `${name}/concat`,
      inputs: [one.name, three.name],
      outputShape: [expand1x1 + expand3x3, height, width],
    };
    const module = [...squeezed, ...narrow, ...wide, concat];
    return bypass === undefined ? module : [...module, ...around(source, concat, name, bypass)];
  };
}

/** What leads past a module, and the addition. */
function around(source: Layer, concat: Layer, name: string, bypass: 'identity' | 'convolution'): Layer[] {
  const { outputShape } = concat;
  const [filters] = outputShape as [number];
  const kind = 'conv2d';
  const past =
    bypass === 'convolution' ? follow(source, [{ kind, name: `${name}/bypass1x1`, filters, kernelSize: 1 }]) : [];
  const other = past[0] ?? source;
  if (other.outputShape.join() !== outputShape.join()) {
    throw new RangeError(
      `fire: "bypass" of "${name}" expected an input of [${outputShape.join(', ')}] to add, got [${other.outputShape.join(', ')}]: use 'convolution'`,
    );
  }
  return [...past, { kind: 'add', name: `${name}/bypass`, inputs: [other.name, concat.name], outputShape }];
}

/** A convolution that keeps height and width, named as Caffe's SqueezeNet names it. */
const convRelu = (module: string, name: string, filters: number, kernelSize: number): readonly Step[] => [
  { kind: 'conv2d', name: `${module}/${name}`, filters, kernelSize, padding: (kernelSize - 1) / 2 },
  { kind: 'relu', name: `${module}/relu_${name}` },
];

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
}

/**
 * Makes a Fire module: few 1 × 1 filters squeeze, then 1 × 1 and 3 × 3 filters expand side by side, and their channels are put
 * one behind the other, 1 × 1 first. Each convolution is followed by a ReLU.
 *
 * Its layers are named `<name>/squeeze1x1`, `<name>/expand1x1`, `<name>/expand3x3` and, the output, `<name>/concat`.
 *
 * @returns a step of `sequence`
 * @example
 * sequence([96, 55, 55], [fire('fire2', { squeeze: 16, expand1x1: 64 })]).at(-1)?.outputShape // [128, 55, 55]
 * @see Iandola et al. 2016, section 3.2, figure 1
 */
export function fire(name: string, { squeeze, expand1x1, expand3x3 = expand1x1 }: FireOptions): Block {
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
    return [...squeezed, ...narrow, ...wide, concat];
  };
}

/** A convolution that keeps height and width, named as Caffe's SqueezeNet names it. */
const convRelu = (module: string, name: string, filters: number, kernelSize: number): readonly Step[] => [
  { kind: 'conv2d', name: `${module}/${name}`, filters, kernelSize, padding: (kernelSize - 1) / 2 },
  { kind: 'relu', name: `${module}/relu_${name}` },
];

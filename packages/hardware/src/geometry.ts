import { type Conv2dLayer, type DenseLayer, elementCount, type Workload } from '@pare/core';

/** A layer with a kernel as hardware sees it, in the letters of the Eyeriss papers. Padding is part of the input. */
export interface Geometry {
  readonly name: string;
  /** Filters. */
  readonly M: number;
  /** Channels. */
  readonly C: number;
  /** Rows and columns of a filter. */
  readonly R: number;
  readonly S: number;
  /** Rows and columns of a padded input map. */
  readonly H: number;
  readonly W: number;
  /** Rows and columns of an output map. */
  readonly E: number;
  readonly F: number;
  /** Stride from row to row. */
  readonly U: number;
  /** Groups. */
  readonly G: number;
  /** Rows of the input between a filter's first and its last, both included: R, or more where it is dilated. */
  readonly reach: number;
  /** Multiplications of one example, zeros included. */
  readonly macs: number;
  /** Numbers of the kernel. */
  readonly weights: number;
  /** Numbers of one example's input, without padding, and of its output. */
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * Checks a workload and brings its layer into one shape: a dense layer is a convolution of 1 × 1 on a map of 1 × 1, or, after a map
 * of `[C, H, W]`, one whose filter is as large as the map.
 *
 * @returns undefined for a layer without a kernel, a batch of none, or a kernel of zeros: nothing is to be done
 * @throws RangeError naming the layer if no such layer can be: densities outside 0 … 1, bits outside 1 … 32, a batch that is not a
 * whole number ≥ 0, shapes that do not fit each other
 */
export function geometryOf(work: Workload): Geometry | undefined {
  const { layer, inputShape, batch, weightDensity, weightBits, inputDensity, outputDensity, activationBits } = work;
  const refuse = (what: string): never => {
    throw new RangeError(`hardware: layer "${layer.name}": ${what}`);
  };
  for (const [name, density] of Object.entries({ weightDensity, inputDensity, outputDensity })) {
    if (!(density >= 0 && density <= 1)) refuse(`"${name}" expected 0 … 1, got ${density}`);
  }
  for (const [name, bits] of Object.entries({ weightBits, activationBits })) {
    if (!(bits >= 1 && bits <= 32)) refuse(`"${name}" expected 1 … 32, got ${bits}`);
  }
  if (!Number.isSafeInteger(batch) || batch < 0) refuse(`"batch" expected a whole number ≥ 0, got ${batch}`);
  if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return undefined;
  const geometry = layer.kind === 'dense' ? ofDense(layer, work, refuse) : ofConvolution(layer, work, refuse);
  const { effectiveMacs = 0, weights, inputs } = work;
  if (!(effectiveMacs >= 0 && effectiveMacs <= geometry.macs)) {
    refuse(`"effectiveMacs" expected 0 … ${geometry.macs}, all multiplications, got ${effectiveMacs}`);
  }
  if (weights && weights.length !== geometry.weights) {
    refuse(`"weights" expected ${geometry.weights} numbers, got ${weights.length}`);
  }
  if (inputs && inputs.length !== geometry.inputs) {
    refuse(`"inputs" expected ${geometry.inputs} numbers for [${inputShape.join(', ')}], got ${inputs.length}`);
  }
  return batch === 0 || weightDensity === 0 ? undefined : geometry;
}

function ofDense({ name, units, outputShape }: DenseLayer, { inputShape }: Workload, refuse: Refuse): Geometry {
  whole(inputShape, 'inputShape', refuse);
  if (!Number.isSafeInteger(units) || units < 1) refuse(`"units" expected a whole number ≥ 1, got ${units}`);
  if (elementCount(outputShape) !== units) refuse(`"outputShape" expected ${units} numbers, got [${outputShape}]`);
  const [C, H, W] =
    inputShape.length === 3 ? (inputShape as [number, number, number]) : [elementCount(inputShape), 1, 1];
  const macs = units * C * H * W;
  const base = { name, M: units, C, R: H, S: W, H, W, E: 1, F: 1, U: 1, G: 1, reach: H };
  return { ...base, macs, weights: macs, inputs: C * H * W, outputs: units };
}

function ofConvolution(layer: Conv2dLayer, { inputShape }: Workload, refuse: Refuse): Geometry {
  const { name, filters: M, groups: G, kernelSize, padding, stride, dilation = [1, 1], outputShape } = layer;
  if (inputShape.length !== 3) refuse(`"inputShape" expected [C, H, W], got [${inputShape.join(', ')}]`);
  whole(inputShape, 'inputShape', refuse);
  whole([M, G, ...kernelSize, ...stride, ...dilation], 'filters, groups, kernelSize, stride and dilation', refuse);
  const [C, height, width] = inputShape as [number, number, number];
  if (C % G || M % G) refuse(`"groups" expected a divisor of ${C} channels and ${M} filters, got ${G}`);
  const [R, S] = kernelSize;
  const [top, bottom, left, right] = padding;
  if (!padding.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) {
    refuse(`"padding" expected whole numbers ≥ 0, got [${padding.join(', ')}]`);
  }
  const [H, W] = [height + top + bottom, width + left + right];
  const [reach, across] = [(R - 1) * dilation[0] + 1, (S - 1) * dilation[1] + 1];
  if (reach > H || across > W) {
    refuse(`a filter of ${reach} × ${across} does not fit in a padded map of ${H} × ${W}`);
  }
  const [E, F] = [Math.floor((H - reach) / stride[0]) + 1, Math.floor((W - across) / stride[1]) + 1];
  if (outputShape.join() !== [M, E, F].join()) {
    refuse(`"outputShape" expected [${M}, ${E}, ${F}] of these strides and paddings, got [${outputShape.join(', ')}]`);
  }
  const weights = M * (C / G) * R * S;
  const base = { name, M, C, R, S, H, W, E, F, U: stride[0], G, reach };
  return { ...base, macs: weights * E * F, weights, inputs: C * height * width, outputs: M * E * F };
}

type Refuse = (what: string) => never;

function whole(extents: readonly number[], what: string, refuse: Refuse): void {
  if (!extents.every((extent) => Number.isSafeInteger(extent) && extent >= 1)) {
    refuse(`"${what}" expected whole numbers ≥ 1, got [${extents.join(', ')}]`);
  }
}

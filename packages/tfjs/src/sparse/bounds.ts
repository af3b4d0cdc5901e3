import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';

/** Where outputs are cut off. */
export interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

const BOUNDS: Readonly<Record<string, Bounds>> = { linear: {}, relu: { least: 0 }, relu6: { least: 0, most: 6 } };

/** The activation of a fused kernel as bounds; undefined for those that are none. */
export function boundsOf(
  { activation = 'linear' }: NamedAttrMap & { activation?: string },
  { preluActivationWeights }: Readonly<Record<string, TensorInfo | undefined>>,
): Bounds | undefined {
  return preluActivationWeights || !Object.hasOwn(BOUNDS, activation) ? undefined : BOUNDS[activation];
}

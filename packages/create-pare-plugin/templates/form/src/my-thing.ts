import { checkWeight, kernels, mapWeights, matches, type Parametrization, type Stage } from '@pare/core';

/** All numbers of a weight have one size; what differs is their sign. */
export interface MyThing {
  readonly kind: 'my-thing';
  readonly scale: number;
  /** 1 or −1, by place. */
  readonly signs: Int8Array;
}

// From now on a weight may have this form, wherever core's types are used.
declare module '@pare/core' {
  interface Forms {
    'my-thing': MyThing;
  }
}

/**
 * The nearest form of that kind: the sign of each number, and the mean of their sizes.
 *
 * @example
 * toSigns(Float32Array.of(1, -3)).scale // 2
 */
export function toSigns(values: Float32Array): MyThing {
  const signs = Int8Array.from(values, (value) => (value < 0 ? -1 : 1));
  return { kind: 'my-thing', scale: meanAlong(signs, values), signs };
}

/** How the form lives under gradient descent: w = scale · signs, and scale alone is free, so J is the column of signs. */
export const parametrization: Parametrization<MyThing> = {
  kind: 'my-thing',
  toDense({ scale, signs }, out = new Float32Array(signs.length)) {
    for (let i = 0; i < signs.length; i++) out[i] = scale * signs[i]!;
    return out;
  },
  constrainGradient({ signs }, gradient) {
    let sum = 0;
    for (let i = 0; i < signs.length; i++) sum += signs[i]! * gradient[i]!;
    for (let i = 0; i < signs.length; i++) gradient[i] = signs[i]! * sum;
  },
  absorb: ({ signs }, values) => ({ kind: 'my-thing', scale: meanAlong(signs, values), signs }),
};

/** Brings kernels into that form. */
export const myThing = (): Stage => ({
  name: 'my-thing',
  run: (model) =>
    mapWeights(model, (placed) => {
      const { weight } = placed;
      if (!matches(kernels, placed) || weight.form.kind !== 'dense') return weight;
      checkWeight(weight, 'myThing'); // refuses numbers that are not finite, naming the weight
      return { ...weight, form: toSigns(weight.form.values) };
    }),
});

/** The scale that fits best: Σ signs · values / n. */
function meanAlong(signs: Int8Array, values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < signs.length; i++) sum += signs[i]! * values[i]!;
  return Math.fround(sum / Math.max(1, signs.length));
}

/** Extents of a tensor, outermost first. Inside the house weights are output-major: conv `[K, C, R, S]`, dense `[K, C]`. */
export type Shape = readonly number[];

/** Every number stored as it is. */
export interface Dense {
  readonly kind: 'dense';
  readonly values: Float32Array;
}

/** A dense weight some of whose numbers are held at zero. `mask[i]` is 1 where a number is kept, else 0 (and `values[i]` is 0). */
export interface Masked {
  readonly kind: 'masked';
  readonly values: Float32Array;
  readonly mask: Uint8Array;
}

/** Kept numbers share the values of a codebook: `w_i = mask_i · codebook[indices_i]`. Where `mask[i]` is 0, `indices[i]` is 0. */
export interface Shared {
  readonly kind: 'shared';
  readonly codebook: Float32Array;
  readonly indices: Uint16Array;
  readonly mask: Uint8Array;
}

/** The forms a weight takes on its way to bytes, by kind. Plugins add members by declaration merging. */
export interface Forms {
  dense: Dense;
  masked: Masked;
  shared: Shared;
}

export type Form = Forms[keyof Forms];

/** One named tensor in one of its forms. The form is also a promise: retraining keeps a masked weight masked and a shared one shared. */
export interface Weight<F extends Form = Form> {
  readonly name: string;
  readonly shape: Shape;
  readonly form: F;
}

/**
 * Counts the elements of a tensor of the given shape.
 *
 * @throws RangeError if an extent is not a whole number ≥ 0
 * @example
 * elementCount([50, 20, 5, 5]) // 25000
 */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const extent of shape) {
    if (!Number.isSafeInteger(extent) || extent < 0) {
      throw new RangeError(`elementCount: "shape" expected whole extents ≥ 0, got [${shape.join(', ')}]`);
    }
    count *= extent;
  }
  return count;
}

/**
 * Makes a dense weight, checking that the values fill the shape.
 *
 * @throws RangeError if the number of values is not the number of elements of the shape
 * @example
 * denseWeight('ip/bias', [2], Float32Array.of(0.5, -1)).form.values.length // 2
 */
export function denseWeight(name: string, shape: Shape, values: Float32Array): Weight<Dense> {
  const count = elementCount(shape);
  if (values.length !== count) {
    throw new RangeError(
      `denseWeight: "values" of "${name}" expected ${count} for shape [${shape.join(', ')}], got ${values.length}`,
    );
  }
  return { name, shape, form: { kind: 'dense', values } };
}

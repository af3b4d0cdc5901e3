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

/**
 * Checks that a weight keeps the promises of its form: as many numbers, mask entries and indices as its shape has
 * elements; only finite numbers, those of a codebook included; masks of 0 and 1; masked numbers that are 0 where the mask
 * is; indices within the codebook where the mask is 1. Of a plugin's form only `values` are looked at, if it has any.
 *
 * @param caller - whose name the message begins with
 * @throws RangeError naming the weight, what was expected, what came and at which index
 * @example
 * checkWeight(denseWeight('ip/bias', [1], Float32Array.of(Infinity))) // throws RangeError: checkWeight: "ip/bias" expected finite numbers, got Infinity at index 0
 */
export function checkWeight({ name, shape, form }: Weight, caller = 'checkWeight'): void {
  const count = elementCount(shape);
  const refuse = (what: string): never => {
    throw new RangeError(`${caller}: "${name}" expected ${what}`);
  };
  const fills = ({ length }: Numbers, what: string): void => {
    if (length !== count) refuse(`${count} ${what}, got ${length}`);
  };
  const finite = (numbers: Float32Array, where = ''): void => {
    const wrong = numbers.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) refuse(`finite numbers, got ${numbers[wrong]} at index ${wrong}${where}`);
  };
  const bits = (mask: Uint8Array): void => {
    fills(mask, 'mask entries');
    const wrong = mask.findIndex((bit) => bit > 1);
    if (wrong >= 0) refuse(`a mask of 0 and 1, got ${mask[wrong]} at index ${wrong}`);
  };
  if (form.kind === 'shared') {
    const { codebook, indices, mask } = form;
    fills(indices, 'indices');
    bits(mask);
    finite(codebook, ' of its codebook');
    const wrong = indices.findIndex((entry, i) => entry >= codebook.length && mask[i] === 1);
    if (wrong >= 0) refuse(`indices < ${codebook.length}, got ${indices[wrong]} at index ${wrong}`);
  } else if ('values' in form) {
    const { values } = form;
    fills(values, 'numbers');
    finite(values);
    if (form.kind !== 'masked') return;
    const { mask } = form;
    bits(mask);
    const wrong = values.findIndex((value, i) => value !== 0 && mask[i] === 0);
    if (wrong >= 0) refuse(`0 where its mask is 0, got ${values[wrong]} at index ${wrong}`);
  }
}

type Numbers = Float32Array | Uint16Array | Uint8Array;

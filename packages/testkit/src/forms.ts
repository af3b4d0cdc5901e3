import { type Dense, elementCount, type Form, type Forms, type Masked, type Shape, type Shared } from '@pare/core';
import fc from 'fast-check';
import { demand } from './contract.ts';
import { hardArrays, hardMasks } from './hard-cases.ts';

/** A form and the shape it fills. */
export interface Sample<F extends Form = Form> {
  readonly form: F;
  readonly shape: Shape;
}

/** What to try: a list, or a generator of fast-check. */
export type Samples<F extends Form = Form> = readonly Sample<F>[] | fc.Arbitrary<Sample<F>>;

/** The forms that core defines; plugins may add others. */
export type BuiltInKind = 'dense' | 'masked' | 'shared';

export interface FormRange {
  /** No number is larger in magnitude; default the largest float32. */
  readonly limit?: number;
  /** Largest number of elements; default 64. */
  readonly maxLength?: number;
}

/** Generates shapes of one to four extents; at most `maxLength` elements, sometimes none. */
export const shapes = (maxLength = 64): fc.Arbitrary<Shape> =>
  fc
    .array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 })
    .map((extents) => (elementCount(extents) <= maxLength ? extents : [extents[0]!]))
    .chain((extents) =>
      fc.oneof({ weight: 19, arbitrary: fc.constant(extents) }, { weight: 1, arbitrary: fc.constant([0]) }),
    );

/** Generates dense forms of any finite numbers, −0 and denormals among them. */
export const denseForms = ({ limit, maxLength = 64 }: FormRange = {}): fc.Arbitrary<Sample<Dense>> =>
  shapes(maxLength).chain((shape) =>
    numbers(elementCount(shape), limit).map((values) => ({ shape, form: { kind: 'dense', values } })),
  );

/** Generates masked forms: zero where pruned, any finite number (zero included) where kept. */
export const maskedForms = ({ limit, maxLength = 64 }: FormRange = {}): fc.Arbitrary<Sample<Masked>> =>
  shapes(maxLength).chain((shape) =>
    fc
      .tuple(numbers(elementCount(shape), limit), masks(elementCount(shape)))
      .map(([values, mask]) => ({ shape, form: maskedForm(values, mask) })),
  );

/** Generates shared forms with codebooks of 1 … 17 values, not all of them used, some of them equal. */
export const sharedForms = ({ limit, maxLength = 64 }: FormRange = {}): fc.Arbitrary<Sample<Shared>> =>
  fc
    .tuple(shapes(maxLength), fc.integer({ min: 1, max: 17 }))
    .chain(([shape, size]) =>
      fc
        .tuple(numbers(size, limit), masks(elementCount(shape)), integers(elementCount(shape), size - 1))
        .map(([codebook, mask, symbols]) => ({ shape, form: sharedForm(codebook, symbols, mask) })),
    );

/**
 * Generates forms of one of core's kinds: the hard ones and others by chance.
 *
 * @throws RangeError for a kind that core does not define: its package knows how to make them
 */
export function formsOf<K extends keyof Forms>(kind: K, range: FormRange = {}): fc.Arbitrary<Sample<Forms[K]>> {
  const { limit = Number.POSITIVE_INFINITY } = range;
  const makers: Record<BuiltInKind, (range: FormRange) => fc.Arbitrary<Sample>> = {
    dense: denseForms,
    masked: maskedForms,
    shared: sharedForms,
  };
  if (!Object.hasOwn(makers, kind)) {
    throw new RangeError(`formsOf: "kind" expected dense, masked or shared, got ${kind}: pass { forms } of your own`);
  }
  const hard = hardForms(kind as BuiltInKind).filter(({ form }) => largest(form) <= limit);
  const arbitrary = fc.oneof(fc.constantFrom(...hard), makers[kind as BuiltInKind](range));
  return arbitrary as fc.Arbitrary<Sample<Forms[K]>>; // the kind of every sample is `kind`
}

/** Lists the hard cases of one of core's kinds of form, each filling a vector. */
export function hardForms(kind: BuiltInKind): readonly Sample[] {
  const arrays = hardArrays().map((hard) => hard.value);
  if (kind === 'dense') return arrays.map((values) => sample({ kind, values }, values.length));
  if (kind === 'masked') {
    return arrays.flatMap((values) =>
      hardMasks(values.length).map(({ value: mask }) => sample(maskedForm(values, mask), values.length)),
    );
  }
  const codebooks = arrays.filter((codebook) => codebook.length <= 25);
  return codebooks.flatMap((codebook) =>
    [0, 1, 70, 300].flatMap((length) =>
      hardMasks(length)
        .filter(({ value: mask }) => codebook.length > 0 || !mask.includes(1)) // nothing can be kept with an empty codebook
        .map(({ value: mask }) => sample(sharedForm(codebook, symbolsFor(length, codebook.length), mask), length)),
    ),
  );
}

/**
 * Checks that a form of one of core's kinds keeps that kind's own promises and fills a shape. Other kinds are only
 * asked for their kind.
 *
 * @throws Error saying which promise is broken and where
 */
export function checkForm(form: Form, shape: Shape, kind: Form['kind'] = form.kind): void {
  demand(form.kind === kind, () => `expected a form of kind "${kind}", got "${form.kind}"`);
  const count = elementCount(shape);
  const fills = (what: string, length: number) =>
    demand(length === count, () => `${kind}: ${what} expected ${count} for shape [${shape.join(', ')}], got ${length}`);
  if (form.kind === 'dense') fills('values', form.values.length);
  if (form.kind === 'masked') {
    fills('values', form.values.length);
    fills('mask', form.mask.length);
    const wrong = form.mask.findIndex((bit, i) => bit > 1 || (bit === 0 && form.values[i] !== 0));
    demand(wrong < 0, () => `masked: mask ${form.mask[wrong]}, value ${form.values[wrong]} at index ${wrong}`);
  }
  if (form.kind === 'shared') {
    fills('indices', form.indices.length);
    fills('mask', form.mask.length);
    const size = form.codebook.length;
    const wrong = form.mask.findIndex(
      (bit, i) => bit > 1 || (bit === 0 ? form.indices[i] !== 0 : form.indices[i]! >= size),
    );
    demand(
      wrong < 0,
      () => `shared: mask ${form.mask[wrong]}, index ${form.indices[wrong]} of ${size} at position ${wrong}`,
    );
  }
}

/**
 * Reads the numbers a form of core's kinds stands for, in the plainest way.
 *
 * @throws RangeError for other kinds
 */
export function denseValues(form: Form): Float32Array {
  if (form.kind === 'shared') {
    return Float32Array.from(form.indices, (symbol, i) => (form.mask[i] === 1 ? form.codebook[symbol]! : 0));
  }
  if ('values' in form) return form.values.slice();
  throw new RangeError(`denseValues: "form" expected a kind of core's, got ${(form as Form).kind}`);
}

/** Holds numbers at zero where the mask says so. */
export const maskedForm = (values: Float32Array, mask: Uint8Array): Masked => ({
  kind: 'masked',
  values: values.map((value, i) => (mask[i] === 1 ? value : 0)),
  mask,
});

const sharedForm = (codebook: Float32Array, symbols: Uint16Array, mask: Uint8Array): Shared => ({
  kind: 'shared',
  codebook,
  indices: symbols.map((symbol, i) => (mask[i] === 1 ? symbol : 0)),
  mask,
});

const sample = (form: Form, length: number): Sample => ({ form, shape: [length] });

/** Symbols that use the ends of the codebook and make runs. */
const symbolsFor = (length: number, size: number): Uint16Array =>
  Uint16Array.from({ length }, (_, i) => (size === 0 ? 0 : (i * i + (i >> 3)) % size));

const largest = (form: Form): number =>
  (form.kind === 'shared' ? form.codebook : denseValues(form)).reduce(
    (max, value) => Math.max(max, Math.abs(value)),
    0,
  );

const numbers = (length: number, limit?: number): fc.Arbitrary<Float32Array> =>
  fc
    .float32Array({
      minLength: length,
      maxLength: length,
      noNaN: true,
      noDefaultInfinity: true,
      ...(limit !== undefined && { min: -limit, max: limit }),
    })
    .map((values) => Float32Array.from(values));

const masks = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length, max: 1 }).map((mask) => Uint8Array.from(mask));

const integers = (length: number, max: number): fc.Arbitrary<Uint16Array> =>
  fc.uint16Array({ minLength: length, maxLength: length, max }).map((symbols) => Uint16Array.from(symbols));

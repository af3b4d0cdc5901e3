import { elementCount, type Form, type Forms, type Parametrization, type Shape, seededRandom } from '@pare/core';
import fc from 'fast-check';
import { isList } from './_samples.ts';
import { type ContractCase, demand, describeContract } from './contract.ts';
import { checkForm, formsOf, type Sample, type Samples } from './forms.ts';
import { difference } from './same.ts';

/** The free parameters c of a form, for finite differences. */
export interface FreeParameters<F extends Form> {
  read(form: F): Float32Array;
  /** The form with other free parameters and the same structure. */
  write(form: F, free: Float32Array): F;
}

export interface ParametrizationContractOptions<F extends Form> {
  /** What to try; default hard and random forms of the parametrization's kind, if it is one of core's. */
  readonly forms?: Samples<F>;
  /** How to reach the free parameters; default knows core's kinds, others go without finite differences. */
  readonly free?: FreeParameters<F>;
  /** Throws if a form breaks its kind's own promises; default knows core's kinds. */
  readonly check?: (form: F, shape: Shape) => void;
  /** Largest entry of J·Jᵀ in magnitude, for the tolerances; default 1, right where J holds only 0 and 1. */
  readonly gain?: number;
  /** Of the chance in the checks; default 1. */
  readonly seed?: number;
  /** Random forms for each check; default 100. */
  readonly runs?: number;
}

/** Registers the contract of parametrizations with vitest. */
export function describeParametrization<F extends Form>(
  name: string,
  parametrization: Parametrization<F>,
  options: ParametrizationContractOptions<F> = {},
): void {
  describeContract(`parametrization ${name}`, parametrizationContract(parametrization, options));
}

/** The contract of parametrizations, as plain functions. */
export function parametrizationContract<F extends Form>(
  parametrization: Parametrization<F>,
  options: ParametrizationContractOptions<F> = {},
): readonly ContractCase[] {
  const { gain = 1, seed = 1, runs = 100 } = options;
  const kind = parametrization.kind as keyof Forms;
  // The casts join `kind` with F, of which it is the kind. Numbers up to 8 keep sums of squares far from overflow.
  const forms = options.forms ?? (formsOf(kind, { limit: 8, maxLength: 24 }) as unknown as fc.Arbitrary<Sample<F>>);
  const free = options.free ?? (BUILT_IN_FREE[kind] as FreeParameters<F> | undefined);
  const promises = options.check ?? ((form: F, shape: Shape) => checkForm(form, shape, kind));

  /** Gives each check a form and two gradients. */
  const onForms = (check: (sample: Sample<F>, gradient: Float32Array, other: Float32Array) => void) => {
    const withChance = (sample: Sample<F>, chance: number) => {
      const random = seededRandom(chance);
      const gradient = () => Float32Array.from({ length: elementCount(sample.shape) }, () => random.normal());
      check(sample, gradient(), gradient());
    };
    if (isList(forms)) for (const [i, sample] of forms.entries()) withChance(sample, seed + i);
    else fc.assert(fc.property(forms, fc.nat(), withChance), { seed, numRuns: runs });
  };

  const fixed = (form: F): unknown =>
    free && options.free ? free.write(form, free.read(form).fill(0)) : structure(form);

  const constrained = (form: F, gradient: Float32Array) => {
    const copy = gradient.slice();
    parametrization.constrainGradient(form, copy);
    return copy;
  };

  return [
    {
      name: 'toDense makes a number for each element',
      check: () =>
        onForms(({ form, shape }) => {
          const { length } = parametrization.toDense(form);
          demand(length === elementCount(shape), () => `expected ${elementCount(shape)} numbers, got ${length}`);
        }),
    },
    {
      name: 'toDense writes to the array it is given, all of it, and returns it',
      check: () =>
        onForms(({ form, shape }) => {
          const out = new Float32Array(elementCount(shape)).fill(Number.NaN);
          demand(parametrization.toDense(form, out) === out, () => 'toDense returned another array than `out`');
          const differs = difference(parametrization.toDense(form), out, 'out');
          demand(differs === undefined, () => `${differs}`);
        }),
    },
    {
      name: 'changes neither the form nor the values it is given',
      check: () =>
        onForms(({ form }, gradient) => {
          const before = structuredClone(form);
          const values = gradient.slice();
          parametrization.toDense(form)[0] = 123;
          parametrization.constrainGradient(form, gradient.slice());
          parametrization.absorb(form, values);
          const differs = difference(before, form, 'form') ?? difference(gradient, values, 'values');
          demand(differs === undefined, () => `${differs}`);
        }),
    },
    {
      name: 'absorb copies: later changes of the values do not reach the form',
      check: () =>
        onForms(({ form }, values) => {
          const absorbed = parametrization.absorb(form, values);
          const before = structuredClone(absorbed);
          values.fill(55);
          const differs = difference(before, absorbed, 'form');
          demand(differs === undefined, () => `${differs}`);
        }),
    },
    {
      name: 'absorbing its own numbers changes nothing',
      check: () =>
        onForms(({ form }) => {
          const values = parametrization.toDense(form);
          const again = parametrization.toDense(parametrization.absorb(form, values));
          const wrong = values.findIndex((value, i) => value !== again[i]); // by value: −0 may come back as 0
          demand(wrong < 0, () => `${values[wrong]} became ${again[wrong]} at index ${wrong}`);
        }),
    },
    {
      name: 'absorb keeps the structure, whatever the values',
      check: () =>
        onForms(({ form, shape }, values) => {
          const absorbed = parametrization.absorb(form, values);
          promises(absorbed, shape);
          // What is free is known: everything else is structure. Else whatever is no number of float32.
          const differs = difference(fixed(form), fixed(absorbed), 'form');
          demand(differs === undefined, () => `${differs}`);
        }),
    },
    {
      name: 'a constrained step stays in the form',
      check: () =>
        onForms(({ form }, gradient) => {
          const rate = 0.125;
          const before = parametrization.toDense(form);
          const g = constrained(form, gradient);
          const after = before.map((w, i) => w - rate * g[i]!);
          const kept = parametrization.toDense(parametrization.absorb(form, after));
          after.forEach((expected, i) => {
            // Three roundings to float32, each of at most 2⁻²⁴ of |w| + |η·g̃|: of g̃, of w − η·g̃, of the absorbed
            // mean. Denormals: 2⁻¹⁴⁹.
            const tolerance = 3 * 2 ** -24 * (Math.abs(before[i]!) + rate * Math.abs(g[i]!)) + 2 ** -148;
            demand(
              Math.abs(kept[i]! - expected) <= tolerance,
              () => `the step left the form: ${expected} became ${kept[i]} at index ${i}`,
            );
          });
        }),
    },
    {
      name: 'the constraint is J·Jᵀ: symmetric and never uphill',
      check: () =>
        onForms(({ form }, g, h) => {
          // n additions of float32 in each number of J·Jᵀ·g, each off by at most 2⁻²⁴·gain·Σ|g|; likewise for h.
          const tolerance = 2 * (g.length + 1) * 2 ** -24 * gain * sumOfMagnitudes(g) * sumOfMagnitudes(h);
          const left = dot(h, constrained(form, g));
          const right = dot(constrained(form, h), g);
          demand(Math.abs(left - right) <= tolerance, () => `not symmetric: h·JJᵀg = ${left}, g·JJᵀh = ${right}`);
          const along = dot(g, constrained(form, g));
          const slack = 2 * (g.length + 1) * 2 ** -24 * gain * sumOfMagnitudes(g) ** 2;
          demand(along >= -slack, () => `uphill: g·JJᵀg = ${along}`);
        }),
    },
    ...(free
      ? [
          {
            name: 'agrees with finite differences on the free parameters',
            check: () =>
              onForms(({ form }, gradient) => {
                if (gradient.length > 64) return; // the Jacobian is made column by column
                const expected = numericConstraint(parametrization, free, form, gradient);
                const got = constrained(form, gradient);
                // As above, and the differences' own: two roundings of numbers up to |w| + h, over 2h; nothing where J
                // is of 0 and 1.
                const tolerance = 2 * (gradient.length + 1) * 2 ** -24 * gain * sumOfMagnitudes(gradient);
                const wrong = expected.findIndex((value, i) => !(Math.abs(value - got[i]!) <= tolerance));
                demand(
                  wrong < 0,
                  () => `constrainGradient gave ${got[wrong]}, differences ${expected[wrong]} at index ${wrong}`,
                );
              }),
          },
        ]
      : []),
  ];
}

/** J·Jᵀ·g by central differences: column j of J is ∂φ/∂c_j. */
function numericConstraint<F extends Form>(
  parametrization: Parametrization<F>,
  free: FreeParameters<F>,
  form: F,
  gradient: Float32Array,
): Float64Array {
  const sum = new Float64Array(gradient.length);
  const c = free.read(form);
  for (let j = 0; j < c.length; j++) {
    const [above, below] = [c.slice(), c.slice()];
    above[j]! += 2 ** -6;
    below[j]! -= 2 ** -6;
    const width = above[j]! - below[j]!; // after rounding to float32
    const high = parametrization.toDense(free.write(form, above));
    const low = parametrization.toDense(free.write(form, below));
    const column = Float64Array.from(high, (value, i) => (value - low[i]!) / width);
    const share = dot(column, gradient); // (Jᵀ·g)_j
    for (let i = 0; i < sum.length; i++) sum[i]! += column[i]! * share;
  }
  return sum;
}

const BUILT_IN_FREE: { readonly [kind: string]: unknown } = {
  dense: {
    read: (form) => form.values,
    write: (form, values) => ({ ...form, values }),
  } satisfies FreeParameters<Forms['dense']>,
  masked: {
    read: (form) => form.values.filter((_, i) => form.mask[i] === 1),
    write(form, kept) {
      let next = 0;
      return { ...form, values: Float32Array.from(form.mask, (bit) => (bit === 1 ? kept[next++]! : 0)) };
    },
  } satisfies FreeParameters<Forms['masked']>,
  shared: {
    read: (form) => form.codebook,
    write: (form, codebook) => ({ ...form, codebook }),
  } satisfies FreeParameters<Forms['shared']>,
};

/** What a step may not change: all but the numbers in float arrays. */
const structure = (form: Form): unknown =>
  Object.fromEntries(
    Object.entries(form).map(([key, value]) => [
      key,
      value instanceof Float32Array || value instanceof Float64Array ? value.length : value,
    ]),
  );

const dot = (a: Float32Array | Float64Array, b: Float32Array): number =>
  b.reduce((sum, value, i) => sum + value * a[i]!, 0);
const sumOfMagnitudes = (a: Float32Array): number => a.reduce((sum, value) => sum + Math.abs(value), 0);

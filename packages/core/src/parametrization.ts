import { MissingPartError } from './errors.ts';
import type { Dense, Form } from './weight.ts';

/**
 * How a form lives under gradient descent.
 *
 * With w = φ(c), c the free parameters and J the Jacobian of φ, a gradient g on the weights becomes J·Jᵀ·g: the step the
 * free parameters would take, seen from the weights. So an optimiser that treats numbers one by one (momentum, Adam) and
 * is fed constrained gradients leaves the weights in their form.
 */
export interface Parametrization<F extends Form = Form> {
  readonly kind: F['kind'];
  /** φ: writes the weights that the form stands for to `out` (a new array if absent) and returns it. */
  toDense(form: F, out?: Float32Array): Float32Array;
  /** Makes J·Jᵀ·g of g, in place. */
  constrainGradient(form: F, gradient: Float32Array): void;
  /** Takes the numbers after a step into a new form of the same structure (same mask, same indices). */
  absorb(form: F, values: Float32Array): F;
}

/** Dense weights are their own free parameters: J is the identity. */
export const denseParametrization: Parametrization<Dense> = {
  kind: 'dense',
  toDense(form, out = new Float32Array(form.values.length)) {
    out.set(form.values);
    return out;
  },
  constrainGradient() {},
  absorb: (_form, values) => ({ kind: 'dense', values: values.slice() }),
};

/**
 * Finds the parametrization of a form among those given.
 *
 * @throws MissingPartError if none has the form's kind
 * @example
 * parametrizationOf({ kind: 'dense', values: Float32Array.of(1) }, [denseParametrization]).kind // 'dense'
 */
export function parametrizationOf<F extends Form>(form: F, among: readonly Parametrization[]): Parametrization<F> {
  const found = among.find((candidate) => candidate.kind === form.kind);
  if (!found) {
    throw new MissingPartError(
      'no-parametrization',
      form.kind,
      `no parametrization for the form "${form.kind}": pass the one of the package that made it (have: ${among.map((p) => p.kind).join(', ') || 'none'})`,
    );
  }
  // The kinds are equal, so the parametrization takes this member of the union.
  return found as Parametrization<F>;
}

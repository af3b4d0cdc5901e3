import type { ActivationLayer } from '@pare/core';

type Activate = (x: number, alpha: number | undefined) => number;

/** A function of one number; `alpha` as the layer has it. */
const functions: Readonly<Record<ActivationLayer['function'], Activate>> = {
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  sigmoid,
  tanh: Math.tanh,
  elu: (x, alpha = 1) => (x > 0 ? x : alpha * Math.expm1(x)),
  leakyRelu: (x, alpha = 0.01) => (x > 0 ? x : alpha * x),
  hardSigmoid: (x, alpha = 0.2) => Math.min(Math.max(alpha * x + 0.5, 0), 1),
  hardSwish: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  swish: (x) => x * sigmoid(x),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
};

/** Whether a function is one of those. */
export const isActivation = (name: string): boolean => Object.hasOwn(functions, name);

/** The function of a layer, one number at a time. */
export function activationOf({ function: name, alpha }: ActivationLayer): (x: number) => number {
  const activate = functions[name];
  return (x) => activate(x, alpha);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The error function, to 1.5e-7: Abramowitz and Stegun 1964, 7.1.26. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

import type { ActivationLayer } from '@pare/core';

/** The function of a layer, one number at a time. */
export function activationOf({ function: name, alpha }: ActivationLayer): (x: number) => number {
  switch (name) {
    case 'relu6':
      return (x) => Math.min(Math.max(x, 0), 6);
    case 'sigmoid':
      return sigmoid;
    case 'tanh':
      return Math.tanh;
    case 'elu':
      return (x) => (x > 0 ? x : (alpha ?? 1) * Math.expm1(x));
    case 'leakyRelu':
      return (x) => (x > 0 ? x : (alpha ?? 0.01) * x);
    case 'hardSigmoid':
      return (x) => Math.min(Math.max((alpha ?? 0.2) * x + 0.5, 0), 1);
    case 'hardSwish':
      return (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6;
    case 'swish':
      return (x) => x * sigmoid(x);
    case 'gelu':
      return (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2));
  }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The error function, to 1.5e-7: Abramowitz and Stegun 1964, 7.1.26. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

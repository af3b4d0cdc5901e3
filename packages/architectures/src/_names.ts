import type { WeightRole } from '@pare/core';

const WORDS: Readonly<Partial<Record<WeightRole, readonly string[]>>> = {
  kernel: ['kernel', 'weight', 'weights', 'w'],
  bias: ['bias', 'biases', 'b'],
};

/** What a layer's weight may be called elsewhere: `wanted`, or the layer's name and what it is, in the words of other programs. */
export function namesFor(layer: string, role: WeightRole, wanted: string): readonly string[] {
  const words = WORDS[role] ?? [role];
  return [wanted, ...words.flatMap((word) => ['/', '.', '_'].map((separator) => layer + separator + word))];
}

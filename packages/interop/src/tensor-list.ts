import { denseWeight, type Shape, type Weight } from '@pare/core';
import { firstNonFinite } from './numbers.ts';

/** A file of named tensors without a network around them: what it gives and what it has to leave out. */
export interface TensorList {
  readonly weights: readonly Weight[];
  readonly notes: readonly string[];
}

/** A tensor as it stands in a file, not yet read. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: Shape;
  /** What the format calls its type, for notes. */
  readonly type: string;
  /** Its numbers, row-major, as many as the shape has elements; undefined if it holds none that can be weights. */
  readonly values: (() => Float32Array) | undefined;
  /** Whether reading it rounds. */
  readonly rounded?: boolean;
}

/** Makes weights of tensors, in their order. Those that cannot be weights are named in notes. */
export function weightsOf(tensors: readonly StoredTensor[]): TensorList {
  const notes: string[] = [];
  const weights: Weight[] = [];
  for (const { name, shape, type, values, rounded } of tensors) {
    if (!values) {
      notes.push(`"${name}" holds ${type}, which are no weights: left out`);
      continue;
    }
    const numbers = values();
    const wrong = firstNonFinite(numbers);
    if (wrong >= 0) {
      notes.push(`"${name}" is ${numbers[wrong]} at index ${wrong}, and weights are finite: left out`);
      continue;
    }
    if (rounded) notes.push(`"${name}" holds ${type}: rounded to float32`);
    weights.push(denseWeight(name, shape, numbers));
  }
  return { weights, notes };
}

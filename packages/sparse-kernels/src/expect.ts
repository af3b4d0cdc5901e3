/**
 * Checks that an array has as many numbers as it must have: kernels read them from memory, where others lie behind.
 *
 * @param caller - whose name the message begins with
 * @param name - of the argument
 * @throws RangeError if it has more or fewer
 * @example
 * expectLength('sparseVector', 'bias', Float32Array.of(1), 2) // throws RangeError: sparseVector: "bias" expected 2 numbers, got 1
 */
export function expectLength(caller: string, name: string, array: ArrayLike<number> | undefined, length: number): void {
  if (!array || array.length === length) return;
  throw new RangeError(`${caller}: "${name}" expected ${length} numbers, got ${array.length}`);
}

/**
 * Checks that a number counts something that is there.
 *
 * @throws RangeError if it is not a whole number from 1
 * @example
 * expectCount('denseBatch', 'batch', 0.5) // throws RangeError: denseBatch: "batch" expected a whole number from 1, got 0.5
 */
export function expectCount(caller: string, name: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new RangeError(`${caller}: "${name}" expected a whole number from 1, got ${count}`);
}

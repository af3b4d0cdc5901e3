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

/**
 * Checks what a matrix is multiplied with, added to and written to.
 *
 * @throws RangeError if `x` is not [columns], or `bias` or `y` are not [rows]
 * @example
 * const [x, y] = [new Float32Array(3), new Float32Array(2)];
 * expectOperands('csrTimesVector', { rows: 2, columns: 4 }, x, undefined, y) // throws RangeError: csrTimesVector: "x" expected 4 numbers, got 3
 */
export function expectOperands(
  caller: string,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  x: Float32Array,
  bias: Float32Array | undefined,
  y: Float32Array,
): void {
  expectLength(caller, 'x', x, columns);
  expectLength(caller, 'bias', bias, rows);
  expectLength(caller, 'y', y, rows);
}

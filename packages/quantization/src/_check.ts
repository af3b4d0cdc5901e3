/** Throws unless all numbers are finite (all kept ones, given a mask), naming the first that is not. */
export function checkFinite(where: string, argument: string, values: Float32Array, mask?: Uint8Array): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]) || mask?.[i] === 0) continue;
    throw new RangeError(`${where}: "${argument}" expected finite numbers, got ${values[i]} at index ${i}`);
  }
}

/** Throws unless there is a number for each value, none negative or infinite. */
export function checkImportance(where: string, importance: Float32Array | undefined, length: number): void {
  if (!importance) return;
  checkLength(where, 'importance', importance, length);
  const wrong = importance.findIndex((value) => !(value >= 0 && value < Infinity));
  if (wrong >= 0) {
    throw new RangeError(
      `${where}: "importance" expected finite numbers ≥ 0, got ${importance[wrong]} at index ${wrong}`,
    );
  }
}

/** Throws unless an array goes with `length` values. */
export function checkLength(
  where: string,
  argument: string,
  array: ArrayLike<number> | undefined,
  length: number,
): void {
  if (array && array.length !== length) {
    throw new RangeError(
      `${where}: "${argument}" expected one number per value, that is ${length}, got ${array.length}`,
    );
  }
}

/** Throws unless a mask holds nothing but 0 and 1. */
export function checkBits(where: string, argument: string, mask: Uint8Array | undefined): void {
  const wrong = mask?.findIndex((bit) => bit > 1) ?? -1;
  if (wrong >= 0)
    throw new RangeError(`${where}: "${argument}" expected 0 or 1, got ${mask![wrong]} at index ${wrong}`);
}

/** Throws unless `value` is a whole number in the range. */
export function checkWhole(where: string, argument: string, value: number, low: number, high: number): void {
  if (!(Number.isInteger(value) && value >= low && value <= high)) {
    throw new RangeError(`${where}: "${argument}" expected a whole number ${low} … ${high}, got ${value}`);
  }
}

/** Throws unless `value` is one of the words. */
export function checkOneOf(where: string, argument: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) {
    throw new RangeError(`${where}: "${argument}" expected ${words.map((w) => `'${w}'`).join(' or ')}, got '${value}'`);
  }
}

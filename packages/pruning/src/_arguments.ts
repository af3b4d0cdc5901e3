/** @throws RangeError naming the first number that is not finite */
export function checkFinite(caller: string, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    // x − x is 0 for finite numbers, NaN for others
    if (values[i]! - values[i]! !== 0) {
      throw new RangeError(`${caller}: "values" expected finite numbers, got ${values[i]} at index ${i}`);
    }
  }
}

/** @throws RangeError if the mask has another length, or entries but 0 and 1 */
export function checkMask(
  caller: string,
  name: string,
  mask: Uint8Array,
  length: number,
  what: 'entries' | 'length' = 'entries',
): void {
  if (mask.length !== length) {
    throw new RangeError(`${caller}: "${name}" expected ${length} entries, got ${mask.length}`);
  }
  if (what === 'length') return;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]! > 1) throw new RangeError(`${caller}: "${name}" expected 0 or 1, got ${mask[i]} at index ${i}`);
  }
}

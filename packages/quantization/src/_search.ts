/**
 * Finds how many of the sorted values are ≤ `bound`, fast if that is close to `guess`.
 *
 * Strides doubling from the guess bracket the place, bisection finds it: bounds move little from one iteration to the next.
 */
export function countUpTo(sorted: Float32Array, bound: number, guess: number): number {
  const { length } = sorted;
  let low = Math.min(guess, length);
  let high = low;
  for (let stride = 1; high < length && sorted[high]! <= bound; stride *= 2) {
    low = high + 1;
    high = Math.min(length, high + stride);
  }
  for (let stride = 1; low > 0 && sorted[low - 1]! > bound; stride *= 2) {
    high = low - 1;
    low = Math.max(0, low - stride);
  }
  // Invariant: values before `low` are ≤ bound, values from `high` on are not.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

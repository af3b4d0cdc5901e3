import { orderedKey } from './sort.ts';

/**
 * Says between which bounds each value lies: index k where bounds[k − 1] < v ≤ bounds[k].
 *
 * Differs from `assignPlain` in looking up a value's first 16 bits (sign, exponent, 7 bits of fraction) in a table that
 * tells the few bounds left to compare with. Exact, because bounds and values are compared as ordered whole numbers.
 *
 * @param bounds - ascending, at most 65 535
 * @param out - receives the indices; a new array if absent
 * @example
 * assign(Float32Array.of(-1, 0, 0.5, 2), Float64Array.of(0, 1)) // Uint16Array [0, 0, 1, 2]
 */
export function assign(
  values: Float32Array,
  bounds: Float64Array,
  out: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  const { length } = values;
  if (length < TABLE_PAYS) return assignPlain(values, bounds, out);
  const keys = boundKeys(bounds);
  const first = firstBounds(keys);
  const bits = new Int32Array(values.buffer, values.byteOffset, length);
  for (let i = 0; i < length; i++) {
    const key = orderedKey(bits[i]!) >>> 0;
    let low = first[key >>> 16]!;
    let high = first[(key >>> 16) + 1]!;
    // Invariant: keys[low − 1] < key ≤ keys[high], where these exist.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (key > keys[middle]!) low = middle + 1;
      else high = middle;
    }
    out[i] = low;
  }
  return out;
}

/**
 * Says between which bounds each value lies, by bisection.
 *
 * @param bounds - ascending, at most 65 535
 * @example
 * assignPlain(Float32Array.of(-1, 0, 0.5, 2), Float64Array.of(0, 1)) // Uint16Array [0, 0, 1, 2]
 */
export function assignPlain(
  values: Float32Array,
  bounds: Float64Array,
  out: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value > bounds[middle]!) low = middle + 1;
      else high = middle;
    }
    out[i] = low;
  }
  return out;
}

/**
 * The bounds that send each value to the nearest entry, to the lower of two at the same distance.
 *
 * @param codebook - ascending
 * @example
 * midpoints(Float32Array.of(-1, 0, 3)) // Float64Array [-0.5, 1.5]
 */
export function midpoints(codebook: Float32Array | Float64Array): Float64Array {
  const bounds = new Float64Array(Math.max(0, codebook.length - 1));
  for (let k = 0; k < bounds.length; k++) bounds[k] = (codebook[k]! + codebook[k + 1]!) / 2;
  return bounds;
}

const TABLE_PAYS = 1 << 16; // values; the table has as many entries, so below that bisection is done before it is filled

/** The key of the largest float ≤ each bound: a float is ≤ the bound just when its key is ≤ that. */
function boundKeys(bounds: Float64Array): Uint32Array {
  const floats = new Float32Array(1);
  const bits = new Int32Array(floats.buffer);
  return Uint32Array.from(bounds, (bound) => {
    floats[0] = bound + 0; // −0 + 0 = 0: both zeros are ≤ a bound of −0, and 0 has the larger key
    const key = orderedKey(bits[0]!) >>> 0;
    return floats[0] > bound ? key - 1 : key;
  });
}

/** For each value of a key's top 16 bits, the number of bounds below all keys that begin so. */
function firstBounds(keys: Uint32Array): Uint32Array {
  const first = new Uint32Array(65537);
  let bound = 0;
  for (let top = 0; top < 65536; top++) {
    while (bound < keys.length && keys[bound]! < top * 65536) bound++;
    first[top] = bound;
  }
  first[65536] = keys.length;
  return first;
}

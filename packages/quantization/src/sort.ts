/**
 * Sorts numbers in ascending order, −0 before 0.
 *
 * Three passes over the bits of the numbers, each stable: first the lowest 11 bits, then the next 11, then the top 10.
 * So the time grows with the length alone, which is what lets clustering start from sorted data even for millions.
 *
 * @param values - finite numbers; left as they are
 * @param companions - numbers to be moved along with `values`
 * @returns new arrays; `companions` only if given
 * @example
 * sortFloats(Float32Array.of(0.5, -2, 1)).values // Float32Array [-2, 0.5, 1]
 */
export function sortFloats(values: Float32Array, companions?: Float32Array): SortedFloats {
  const { length } = values;
  let keys = orderedBits(values);
  let spare = new Uint32Array(length);
  let moved = companions?.slice();
  let movedSpare = companions && new Float32Array(length);
  for (const shift of [0, 11, 22]) {
    const next = bucketStarts(keys, shift);
    if (!next) continue;
    if (moved && movedSpare) {
      movePairs(keys, moved, shift, next, spare, movedSpare);
      [moved, movedSpare] = [movedSpare, moved];
    } else {
      move(keys, shift, next, spare);
    }
    [keys, spare] = [spare, keys];
  }
  return { values: floatsOf(keys), ...(moved && { companions: moved }) };
}

export interface SortedFloats {
  readonly values: Float32Array;
  readonly companions?: Float32Array;
}

/**
 * Gives each number a whole one that orders as it does. A float's bits already do so where it is positive; negative ones
 * run backwards, so all their bits are flipped, and the sign bit of positive ones is set to put them above.
 */
function orderedBits(values: Float32Array): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const keys = new Uint32Array(values.length);
  for (let i = 0; i < keys.length; i++) keys[i] = orderedKey(bits[i]! | 0);
  return keys;
}

/** The order-keeping key of a float's bits, as a signed number: store it in a Uint32Array, or shift it unsigned. */
export const orderedKey = (bits: number): number => bits ^ ((bits >> 31) | 0x80000000);

/** Turns keys back to the bits of floats, in place, and reads them as such. */
function floatsOf(keys: Uint32Array<ArrayBuffer>): Float32Array {
  // A key's top bit tells a positive number (only the sign was flipped) from a negative one (all bits were).
  for (let i = 0; i < keys.length; i++) keys[i] = keys[i]! ^ (~(keys[i]! >> 31) | 0x80000000);
  return new Float32Array(keys.buffer);
}

const BUCKETS = 2048; // 2^11: three passes for 32 bits; 2048 counters × 4 B = 8 kB stay in L1

/** Counts a digit and returns where each bucket begins; nothing if all keys share the digit, so that no move is needed. */
function bucketStarts(keys: Uint32Array, shift: number): Uint32Array | undefined {
  const { length } = keys;
  const counts = new Uint32Array(BUCKETS);
  for (let i = 0; i < length; i++) counts[(keys[i]! >>> shift) & (BUCKETS - 1)]!++;
  let start = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = counts[bucket]!;
    if (count === length) return undefined;
    counts[bucket] = start;
    start += count;
  }
  return counts;
}

function move(keys: Uint32Array, shift: number, next: Uint32Array, out: Uint32Array): void {
  const { length } = keys;
  for (let i = 0; i < length; i++) {
    const key = keys[i]!;
    out[next[(key >>> shift) & (BUCKETS - 1)]!++] = key;
  }
}

/** Differs from `move` in taking the companions along. */
function movePairs(
  keys: Uint32Array,
  companions: Float32Array,
  shift: number,
  next: Uint32Array,
  outKeys: Uint32Array,
  outCompanions: Float32Array,
): void {
  const { length } = keys;
  for (let i = 0; i < length; i++) {
    const key = keys[i]!;
    const to = next[(key >>> shift) & (BUCKETS - 1)]!++;
    outKeys[to] = key;
    outCompanions[to] = companions[i]!;
  }
}

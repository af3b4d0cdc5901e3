/** Numbers for tests: the same for the same seed, of both signs, none larger than 1. */
export function numbers(length: number, seed: number): Float32Array {
  let state = seed | 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

/** Numbers of which `density` is kept, and so many different ones (0: all different) are left. */
export function sparseNumbers(length: number, density: number, seed: number, kinds = 0): Float32Array {
  const [values, chances] = [numbers(length, seed), numbers(length, seed + 1)];
  return values.map((value, i) => {
    if (chances[i]! >= 2 * density - 1) return 0;
    return kinds ? (Math.floor(((value + 1) / 2) * kinds) + 1) / kinds - 0.4321 : value || 1;
  });
}

/** y = W x + bias in double precision. */
export function reference(w: Float32Array, x: Float32Array, rows: number, bias?: Float32Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, m) => {
    let sum = bias?.[m] ?? 0;
    for (let n = 0; n < x.length; n++) sum += w[m * x.length + n]! * x[n]!;
    return sum;
  });
}

/**
 * Convolution kernel, house → tfjs: `[K, C, R, S]` → `[R, S, C, K]`.
 *
 * @example
 * kernelToTfjs(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 1, 1, 3]) // Float32Array [1, 4, 2, 5, 3, 6]
 */
export function kernelToTfjs(
  values: Float32Array,
  [k, c, r, s]: readonly [number, number, number, number],
): Float32Array {
  return swapLastTwo(transpose(values, k * c, r * s), r * s, k, c);
}

/** Convolution kernel, tfjs → house: `[R, S, C, K]` → `[K, C, R, S]`. */
export function kernelFromTfjs(
  values: Float32Array,
  [r, s, c, k]: readonly [number, number, number, number],
): Float32Array {
  return transpose(swapLastTwo(values, r * s, c, k), r * s, k * c);
}

/** Dense kernel, house → tfjs: `[K, C·H·W]` → `[H·W·C, K]`; where the input is flat, channels = 1 or pixels = 1 leaves its order alone. */
export function denseToTfjs(values: Float32Array, units: number, channels: number, pixels: number): Float32Array {
  return transpose(swapLastTwo(values, units, channels, pixels), units, channels * pixels);
}

/** Dense kernel, tfjs → house: `[H·W·C, K]` → `[K, C·H·W]`. */
export function denseFromTfjs(values: Float32Array, units: number, channels: number, pixels: number): Float32Array {
  return swapLastTwo(transpose(values, channels * pixels, units), units, pixels, channels);
}

/** `[outer, rows, columns]` → `[outer, columns, rows]`. */
function swapLastTwo(values: Float32Array, outer: number, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  const size = rows * columns;
  for (let o = 0; o < outer; o++) {
    out.set(transpose(values.subarray(o * size, (o + 1) * size), rows, columns), o * size);
  }
  return out;
}

/** `[rows, columns]` → `[columns, rows]`. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c]!;
  }
  return out;
}

// Rows of nonzeros, each with its column: y = W x. Plain twin: src/csr.ts.
import { WINDOW } from './window';

/**
 * y[m] = clip(bias[m] + Σ values[k] · x[offsets[k]]) over the entries k of row m. x is in the window.
 *
 * Inputs are loaded into the lanes of a vector one by one, which costs no more than to load them as they are; to multiply and to add
 * them up then takes a quarter of the instructions.
 *
 * @param rowEnds - u32 [rows]: where the entries of each row end; those of row 0 begin at 0
 * @param offsets - u16 [nonzeros]: bytes from x, so the last column is 16383
 * @param bias - f32 [rows], or 0 for none
 * @param least - 0 for ReLU, −∞ for none
 */
export function csrWindow(
  rows: i32, rowEnds: usize, offsets: usize, values: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  csrRows<u16>(0, 0, rows, rowEnds, offsets, values, bias, least, most, y);
}

/** The same with x anywhere, and columns counted in numbers, of 16 bits. */
export function csrVector16(
  rows: i32, rowEnds: usize, columns: usize, values: usize, x: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  csrRows<u16>(2, x - WINDOW, rows, rowEnds, columns, values, bias, least, most, y);
}

/** The same with columns of 32 bits. */
export function csrVector32(
  rows: i32, rowEnds: usize, columns: usize, values: usize, x: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  csrRows<u32>(2, x - WINDOW, rows, rowEnds, columns, values, bias, least, most, y);
}

@inline
function csrRows<T>(
  shift: usize, x: usize, rows: i32, rowEnds: usize, columns: usize, values: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  let value = values;
  let column = columns;
  for (let m = 0; m < rows; m++) {
    const end = values + ((<usize>load<u32>(rowEnds + (<usize>m << 2))) << 2);
    let sums = f32x4.splat(0);
    let others = f32x4.splat(0);
    for (; value + 32 <= end; value += 32, column += sizeof<T>() << 3) {
      sums = f32x4.add(sums, f32x4.mul(inputs<T>(column, shift, x), v128.load(value)));
      others = f32x4.add(others, f32x4.mul(inputs<T>(column + (sizeof<T>() << 2), shift, x), v128.load(value, 16)));
    }
    sums = f32x4.add(sums, others);
    let sum = bias ? load<f32>(bias + (<usize>m << 2)) : 0;
    for (; value < end; value += 4, column += sizeof<T>()) {
      sum += load<f32>(value) * load<f32>(x + (<usize>load<T>(column) << shift), WINDOW);
    }
    sum += f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
    store<f32>(y + (<usize>m << 2), min<f32>(most, max<f32>(least, sum)));
  }
}

/** The inputs of four entries. */
@inline
function inputs<T>(column: usize, shift: usize, x: usize): v128 {
  let four = v128.load32_zero(x + (<usize>load<T>(column) << shift), WINDOW);
  four = v128.load32_lane(x + (<usize>load<T>(column, sizeof<T>()) << shift), four, 1, WINDOW);
  four = v128.load32_lane(x + (<usize>load<T>(column, sizeof<T>() * 2) << shift), four, 2, WINDOW);
  return v128.load32_lane(x + (<usize>load<T>(column, sizeof<T>() * 3) << shift), four, 3, WINDOW);
}

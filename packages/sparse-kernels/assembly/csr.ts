// Rows of nonzeros, each with its column: y = W x. Plain twin: src/csr.ts.

/**
 * y[m] = clip(bias[m] + Σ values[k] · x[columns[k]]) over the entries k of row m.
 *
 * @param rowEnds - u32 [rows]: where the entries of each row end; those of row 0 begin at 0
 * @param columns - u16 [nonzeros]
 * @param bias - f32 [rows], or 0 for none
 * @param least - 0 for ReLU, −∞ for none
 */
export function csrVector16(
  rows: i32, rowEnds: usize, columns: usize, values: usize, x: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  csrVector<u16>(rows, rowEnds, columns, values, x, bias, least, most, y);
}

/** The same with columns of 32 bits. */
export function csrVector32(
  rows: i32, rowEnds: usize, columns: usize, values: usize, x: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  csrVector<u32>(rows, rowEnds, columns, values, x, bias, least, most, y);
}

// @ts-ignore: decorator
@inline
function csrVector<T>(
  rows: i32, rowEnds: usize, columns: usize, values: usize, x: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  let value = values;
  let column = columns;
  for (let m = 0; m < rows; m++) {
    const end = values + ((<usize>load<u32>(rowEnds + (<usize>m << 2))) << 2);
    let sum0 = bias ? load<f32>(bias + (<usize>m << 2)) : 0;
    let sum1: f32 = 0;
    let sum2: f32 = 0;
    let sum3: f32 = 0;
    // Four sums, as an addition takes longer than everything else of an entry.
    for (; value + 16 <= end; value += 16, column += sizeof<T>() << 2) {
      sum0 += load<f32>(value) * load<f32>(x + ((<usize>load<T>(column)) << 2));
      sum1 += load<f32>(value, 4) * load<f32>(x + ((<usize>load<T>(column, sizeof<T>())) << 2));
      sum2 += load<f32>(value, 8) * load<f32>(x + ((<usize>load<T>(column, sizeof<T>() * 2)) << 2));
      sum3 += load<f32>(value, 12) * load<f32>(x + ((<usize>load<T>(column, sizeof<T>() * 3)) << 2));
    }
    for (; value < end; value += 4, column += sizeof<T>()) {
      sum0 += load<f32>(value) * load<f32>(x + ((<usize>load<T>(column)) << 2));
    }
    store<f32>(y + (<usize>m << 2), min<f32>(most, max<f32>(least, sum0 + sum1 + (sum2 + sum3))));
  }
}

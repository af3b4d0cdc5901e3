// Rows of nonzeros, each with its column: y = W x. Plain twin: src/csr.ts.

/**
 * y[m] = bias[m] + Σ values[k] · x[columns[k]] over the entries k of row m.
 *
 * @param rowEnds - u32 [rows]: where the entries of each row end; those of row 0 begin at 0
 * @param columns - u16 [nonzeros]
 * @param bias - f32 [rows], or 0 for none
 */
export function csrVector(rows: i32, rowEnds: usize, columns: usize, values: usize, x: usize, bias: usize, y: usize): void {
  let value = values;
  let column = columns;
  for (let m = 0; m < rows; m++) {
    const end = values + ((<usize>load<u32>(rowEnds + (<usize>m << 2))) << 2);
    let sum0 = bias ? load<f32>(bias + (<usize>m << 2)) : 0;
    let sum1: f32 = 0;
    let sum2: f32 = 0;
    let sum3: f32 = 0;
    while (value + 16 <= end) {
      sum0 += load<f32>(value) * load<f32>(x + ((<usize>load<u16>(column)) << 2));
      sum1 += load<f32>(value, 4) * load<f32>(x + ((<usize>load<u16>(column, 2)) << 2));
      sum2 += load<f32>(value, 8) * load<f32>(x + ((<usize>load<u16>(column, 4)) << 2));
      sum3 += load<f32>(value, 12) * load<f32>(x + ((<usize>load<u16>(column, 6)) << 2));
      value += 16;
      column += 8;
    }
    for (; value < end; value += 4, column += 2) {
      sum0 += load<f32>(value) * load<f32>(x + ((<usize>load<u16>(column)) << 2));
    }
    store<f32>(y + (<usize>m << 2), sum0 + sum1 + (sum2 + sum3));
  }
}

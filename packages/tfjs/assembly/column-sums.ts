// sums[j] = Σ_i x[i, j] for x [rows, columns]: the gradient of a bias.
//
// Rows are taken eight at a time and summed in a tree first: the running sums in memory are then touched an eighth as
// often, and an eighth as many roundings are made at the size of the whole sum.

export function columnSums(x: usize, sums: usize, rows: i32, columns: i32): void {
  memory.fill(sums, 0, <usize>columns << 2);
  const step = columns << 2;
  let row = 0;
  for (; row + 8 <= rows; row += 8) {
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      let from = x + (j << 2);
      const r0 = v128.load(from);
      const r1 = v128.load((from += step));
      const r2 = v128.load((from += step));
      const r3 = v128.load((from += step));
      const r4 = v128.load((from += step));
      const r5 = v128.load((from += step));
      const r6 = v128.load((from += step));
      const r7 = v128.load(from + step);
      const left = f32x4.add(f32x4.add(r0, r1), f32x4.add(r2, r3));
      const right = f32x4.add(f32x4.add(r4, r5), f32x4.add(r6, r7));
      const to = sums + (j << 2);
      v128.store(to, f32x4.add(v128.load(to), f32x4.add(left, right)));
    }
    for (; j < columns; j++) {
      let from = x + (j << 2);
      let sum: f32 = 0;
      for (let i = 0; i < 8; i++) {
        sum += load<f32>(from);
        from += step;
      }
      const to = sums + (j << 2);
      store<f32>(to, load<f32>(to) + sum);
    }
    x += step << 3;
  }
  for (; row < rows; row++) {
    for (let j = 0; j < columns; j++) {
      const to = sums + (j << 2);
      store<f32>(to, load<f32>(to) + load<f32>(x + (j << 2)));
    }
    x += step;
  }
}

// An offset table (see gemm.ts) of a regular grid of three dimensions:
//
//   table[(i · count1 + j) · count2 + l] = i · step0 + j · step1 + l · step2
//
// The windows of a convolution over an image [N, H, W, C] start on the grid (N, P, Q) with the steps of an image, of
// `stride` rows and of `stride` columns; the taps of a window are the grid (R, S, C) with the steps of `dilation` rows, of
// `dilation` columns and 1; a matrix has grids with count0 = count1 = 1.

export function fillGrid(
  table: usize,
  count0: i32, count1: i32, count2: i32,
  step0: i32, step1: i32, step2: i32,
): void {
  for (let i = 0; i < count0; i++) {
    for (let j = 0; j < count1; j++) {
      let offset = i * step0 + j * step1;
      for (let l = 0; l < count2; l++) {
        store<i32>(table, offset);
        table += 4;
        offset += step2;
      }
    }
  }
}

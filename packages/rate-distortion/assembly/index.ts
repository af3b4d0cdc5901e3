// The two loops of error feedback that take the time, on matrices of float32: see src/feedback-workspace.ts for what they do and
// how their plain twins do it.
//
// Both are made of one product, C −= Aᵀ B, whose operands are read row by row, as they lie. Everything is a multiple of 32 rows
// and columns: who calls pads matrices with the identity, and others with zeros. So there are no ragged ends.
//
// A's rows and B's rows are copied block by block into the order in which the innermost loop reads them: 4 numbers of A and 8
// of B at each depth, whose 32 sums stay in 8 registers (a wasm engine on x86 has 16, and with operands these fill them). See
// Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication".

/** Rows and columns that are done together. */
const BLOCK: i32 = 32;

/** Depth of a product before it is subtracted. 256: a panel of B (8 kB) and one of A (4 kB) stay in a first-level cache. */
const DEPTH: i32 = 256;

/** Where copies are: A's, [8 panels, DEPTH, 4] float32, and then B's, [2 panels, DEPTH, 8]. The rest of the memory is the caller's. */
const PANELS_A: usize = 0;
const PANELS_B: usize = 4 * DEPTH * BLOCK;

/** Bytes at the start of the memory that are used for copies. */
export const SCRATCH: i32 = 4 * DEPTH * BLOCK + 4 * DEPTH * 16;

/**
 * Makes U of A, A⁻¹ = Uᵀ U, U upper triangular. Differs from `inverseFactorInPlace` in going block by block, in float32.
 *
 * With A = Lᵀ L, L lower triangular, U is the inverse of Lᵀ. Of blocks of 32 rows I, the last one first,
 *
 *     L_II, U_II = (L_IIᵀ)⁻¹      from   A_II − Σ_{k>I} L_kIᵀ L_kI
 *     L_Ij =  U_II (A_Ij − Σ_{k>I} L_kIᵀ L_kj)          j < I
 *     U_Ij = −U_II  Σ_{I<k≤j} L_kIᵀ U_kj                j > I
 *
 * L goes to the lower half, U to the upper one; of blocks on the diagonal L is not needed any more when U is made.
 *
 * @param matrix - address of A, [size, size] float32; its lower half is read
 * @returns −1; or the column at which A is not positive definite, whose pivot is left on the diagonal
 */
export function inverseFactor(matrix: usize, size: i32): i32 {
  const stride = <usize>size << 2;
  for (let first = size - BLOCK; first >= 0; first -= BLOCK) {
    const end = first + BLOCK;
    const left = matrix + first * stride;
    const diagonal = left + (first << 2);
    const right = left + (end << 2);
    const below = matrix + end * stride; // rows k > I
    const below_I = below + (first << 2);
    subtractProduct(left, stride, end, below_I, stride, below, stride, size - end, false);
    const wrong = invertBlock(diagonal, stride);
    if (wrong >= 0) return first + wrong;
    multiplyByUpper(diagonal, left, stride, first);
    for (let i = 0; i < BLOCK; i++) memory.fill(right + i * stride, 0, (size - end) << 2);
    subtractProduct(right, stride, size - end, below_I, stride, below + (end << 2), stride, size - end, true);
    multiplyByUpper(diagonal, right, stride, size - end);
  }
  return -1;
}

/**
 * Feeds what was left of the columns before a block into the block: w_j −= Σ_{i < first} U_ij w_i, first ≤ j < first + 32.
 *
 * @param w - address of [size, width] float32, width a multiple of 16
 */
export function feedBlock(factor: usize, size: i32, w: usize, width: i32, first: i32): void {
  const stride = <usize>size << 2;
  const step = <usize>width << 2;
  subtractProduct(w + first * step, step, width, factor + (first << 2), stride, w, step, first, false);
}

/** Feeds what was left of the columns before one in its block into it: w_j −= Σ_{first ≤ i < j} U_ij w_i. */
export function feedColumn(factor: usize, size: i32, w: usize, width: i32, first: i32, j: i32): void {
  const stride = <usize>size << 2;
  const step = <usize>width << 2;
  const to = w + j * step;
  for (let n: usize = 0; n < step; n += 64) {
    let c0 = v128.load(to + n), c1 = v128.load(to + n, 16), c2 = v128.load(to + n, 32), c3 = v128.load(to + n, 48);
    let from = w + first * step + n;
    let at = factor + first * stride + (j << 2);
    for (let i = first; i < j; i++) {
      const f = v128.load32_splat(at);
      c0 = f32x4.sub(c0, f32x4.mul(f, v128.load(from)));
      c1 = f32x4.sub(c1, f32x4.mul(f, v128.load(from, 16)));
      c2 = f32x4.sub(c2, f32x4.mul(f, v128.load(from, 32)));
      c3 = f32x4.sub(c3, f32x4.mul(f, v128.load(from, 48)));
      from += step;
      at += stride;
    }
    v128.store(to + n, c0);
    v128.store(to + n, c1, 16);
    v128.store(to + n, c2, 32);
    v128.store(to + n, c3, 48);
  }
}

/**
 * C[32, n] −= A[depth, 32]ᵀ · B[depth, n]. Strides are bytes from row to row; n and depth multiples of 16.
 *
 * @param upper - B is upper triangular: what lies below its diagonal counts as zero
 */
function subtractProduct(
  c: usize, cStride: usize, n: i32,
  a: usize, aStride: usize,
  b: usize, bStride: usize,
  depth: i32, upper: bool,
): void {
  for (let k0 = 0; k0 < depth; k0 += DEPTH) {
    const rows = min(DEPTH, depth - k0);
    packA(a + k0 * aStride, aStride, rows);
    for (let n0 = upper ? k0 : 0; n0 < n; n0 += 16) {
      const here = upper ? min(rows, n0 + 16 - k0) : rows;
      packB(b + k0 * bStride + (n0 << 2), bStride, here);
      if (upper && n0 < k0 + rows) clearLower(here);
      for (let m = 0; m < BLOCK; m += 4) {
        const panel = PANELS_A + ((m * rows) << 2);
        const to = c + m * cStride + (n0 << 2);
        subtract4x8(here, panel, PANELS_B, to, cStride);
        subtract4x8(here, panel, PANELS_B + (here << 5), to + 32, cStride);
      }
    }
  }
}

/** Copies 32 columns of A: panel[m / 4][k][m % 4] = A[k, m]. */
function packA(a: usize, stride: usize, rows: i32): void {
  const panel = <usize>rows << 4;
  for (let k = 0; k < rows; k++) {
    let to = PANELS_A + (k << 4);
    for (let m: usize = 0; m < 4 * BLOCK; m += 16) {
      v128.store(to, v128.load(a + m));
      to += panel;
    }
    a += stride;
  }
}

/** Copies 16 columns of B: panel[n / 8][k][n % 8] = B[k, n]. 16 float32 are a line of a cache, read once so. */
function packB(b: usize, stride: usize, rows: i32): void {
  const second = PANELS_B + (<usize>rows << 5);
  for (let k = 0; k < rows; k++) {
    const at = <usize>k << 5;
    v128.store(PANELS_B + at, v128.load(b));
    v128.store(PANELS_B + at, v128.load(b, 16), 16);
    v128.store(second + at, v128.load(b, 32));
    v128.store(second + at, v128.load(b, 48), 16);
    b += stride;
  }
}

/** Clears what is below the diagonal in the last 16 rows of B's two panels. */
function clearLower(rows: i32): void {
  const second = PANELS_B + (<usize>rows << 5);
  for (let r = 1; r < 16; r++) {
    const at = <usize>(rows - 16 + r) << 5;
    memory.fill(PANELS_B + at, 0, min(r, 8) << 2);
    if (r > 8) memory.fill(second + at, 0, (r - 8) << 2);
  }
}

/** C[4, 8] −= panelA[depth, 4]ᵀ · panelB[depth, 8]; depth is even. */
function subtract4x8(depth: i32, a: usize, b: usize, c: usize, stride: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (let k = depth; k > 0; k -= 2) {
    let b0 = v128.load(b), b1 = v128.load(b, 16);
    let f = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(f, b0));
    c01 = f32x4.add(c01, f32x4.mul(f, b1));
    f = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(f, b0));
    c11 = f32x4.add(c11, f32x4.mul(f, b1));
    f = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(f, b0));
    c21 = f32x4.add(c21, f32x4.mul(f, b1));
    f = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(f, b0));
    c31 = f32x4.add(c31, f32x4.mul(f, b1));
    b0 = v128.load(b, 32), b1 = v128.load(b, 48);
    f = v128.load32_splat(a, 16);
    c00 = f32x4.add(c00, f32x4.mul(f, b0));
    c01 = f32x4.add(c01, f32x4.mul(f, b1));
    f = v128.load32_splat(a, 20);
    c10 = f32x4.add(c10, f32x4.mul(f, b0));
    c11 = f32x4.add(c11, f32x4.mul(f, b1));
    f = v128.load32_splat(a, 24);
    c20 = f32x4.add(c20, f32x4.mul(f, b0));
    c21 = f32x4.add(c21, f32x4.mul(f, b1));
    f = v128.load32_splat(a, 28);
    c30 = f32x4.add(c30, f32x4.mul(f, b0));
    c31 = f32x4.add(c31, f32x4.mul(f, b1));
    a += 32;
    b += 64;
  }
  const row1 = c + stride, row2 = row1 + stride, row3 = row2 + stride;
  v128.store(c, f32x4.sub(v128.load(c), c00));
  v128.store(c, f32x4.sub(v128.load(c, 16), c01), 16);
  v128.store(row1, f32x4.sub(v128.load(row1), c10));
  v128.store(row1, f32x4.sub(v128.load(row1, 16), c11), 16);
  v128.store(row2, f32x4.sub(v128.load(row2), c20));
  v128.store(row2, f32x4.sub(v128.load(row2, 16), c21), 16);
  v128.store(row3, f32x4.sub(v128.load(row3), c30));
  v128.store(row3, f32x4.sub(v128.load(row3, 16), c31), 16);
}

/** C ← U C, U the upper half of a block: row i takes from rows k ≥ i, so that rows can be replaced from the first one on. */
function multiplyByUpper(u: usize, c: usize, stride: usize, n: i32): void {
  for (let n0 = 0; n0 < n; n0 += 16) {
    const column = c + (n0 << 2);
    for (let k = 0; k < BLOCK; k++) memory.copy(PANELS_B + (k << 6), column + k * stride, 64);
    for (let i = 0; i < BLOCK; i++) {
      let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
      for (let k = i; k < BLOCK; k++) {
        const f = v128.load32_splat(u + i * stride + (k << 2));
        const from = PANELS_B + (k << 6);
        c0 = f32x4.add(c0, f32x4.mul(f, v128.load(from)));
        c1 = f32x4.add(c1, f32x4.mul(f, v128.load(from, 16)));
        c2 = f32x4.add(c2, f32x4.mul(f, v128.load(from, 32)));
        c3 = f32x4.add(c3, f32x4.mul(f, v128.load(from, 48)));
      }
      const to = column + i * stride;
      v128.store(to, c0);
      v128.store(to, c1, 16);
      v128.store(to, c2, 32);
      v128.store(to, c3, 48);
    }
  }
}

/**
 * Makes U_II, in the upper half, of the lower half of a block, as `inverseFactorInPlace` does, in float64.
 *
 * @returns −1; or the column whose pivot, which is left on the diagonal, is not positive
 */
function invertBlock(block: usize, stride: usize): i32 {
  const r = PANELS_A; // [32, 32] float64: R = L_IIᵀ; 8 kB
  const u = PANELS_A + 8 * BLOCK * BLOCK; // U_II
  for (let j = BLOCK - 1; j >= 0; j--) {
    for (let i = j; i >= 0; i--) {
      let sum = <f64>load<f32>(block + j * stride + (i << 2));
      for (let k = j + 1; k < BLOCK; k++) sum -= load<f64>(r + place(i, k)) * load<f64>(r + place(j, k));
      if (i == j) {
        if (!(sum > 0)) {
          store<f32>(block + j * stride + (j << 2), <f32>sum);
          return j;
        }
        store<f64>(r + place(j, j), Math.sqrt(sum));
      } else {
        store<f64>(r + place(i, j), sum / load<f64>(r + place(j, j)));
      }
    }
  }
  for (let i = BLOCK - 1; i >= 0; i--) {
    const inverse = 1 / load<f64>(r + place(i, i));
    store<f64>(u + place(i, i), inverse);
    for (let j = i + 1; j < BLOCK; j++) {
      let sum: f64 = 0;
      for (let k = i + 1; k <= j; k++) sum += load<f64>(r + place(i, k)) * load<f64>(u + place(k, j));
      store<f64>(u + place(i, j), -inverse * sum);
    }
    for (let j = i; j < BLOCK; j++) store<f32>(block + i * stride + (j << 2), <f32>load<f64>(u + place(i, j)));
  }
  return -1;
}

@inline
function place(i: i32, j: i32): usize {
  return <usize>(i * BLOCK + j) << 3;
}

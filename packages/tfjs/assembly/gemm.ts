// A matrix product whose operands are read through offset tables:
//
//   C[m, n] (+)= Σ_k A[m, k] · B[k, n],   A[m, k] = a[aRows[m] + aColumns[k]],   B[k, n] = b[bRows[k] + bColumns[n]]
//
// A table entry counts floats. Row-major is rows[i] = i · width, columns[j] = j; a transposed operand exchanges the two;
// the patches of an image under a convolution's window are rows[p] = start of window p, columns[t] = offset of tap t.
// So one kernel serves dense layers, convolutions and both of their gradients, and nothing is unfolded in memory.
//
// The blocking is that of Goto and van de Geijn (2008), "Anatomy of high-performance matrix multiplication": both
// operands are copied block by block into the order in which the innermost loop reads them, which takes 4 rows of A and 8 columns
// of B at a time and keeps their 32 sums in 8 registers. More sums would be better were there more registers: a wasm
// engine on x86 has 16, and 8 sums + 2 of B + 1 of A + the product fill them without spilling.

/** Depth of a block. 256: a panel of B (256 × 8 × 4 B = 8 kB) and one of A (4 kB) stay in a first-level cache of 32 kB. */
export const DEPTH: i32 = 256;

/** Floats in a block of A. 65536 × 4 B = 256 kB: stays in a second-level cache of 512 kB. */
const BLOCK: i32 = 65536;

/** Bytes of scratch memory that `gemm` needs: a block of A (its last panel may stick out), a panel of B, a tile of C. */
export function gemmScratchBytes(): i32 {
  return (BLOCK + 4 * DEPTH + 8 * DEPTH + 32) << 2;
}

export function gemm(
  m: i32, n: i32, k: i32,
  a: usize, aRows: usize, aColumns: usize,
  b: usize, bRows: usize, bColumns: usize,
  c: usize, cWidth: i32, accumulate: i32,
  scratch: usize,
): void {
  const panelB = scratch + ((BLOCK + 4 * DEPTH) << 2);
  const tile = panelB + ((8 * DEPTH) << 2);
  for (let k0 = 0; k0 < k; k0 += DEPTH) {
    const depth = min(DEPTH, k - k0);
    const add = accumulate | i32(k0 > 0);
    const blockRows = (BLOCK / depth) & ~3;
    for (let m0 = 0; m0 < m; m0 += blockRows) {
      const rows = min(blockRows, m - m0);
      for (let i = 0; i < rows; ) {
        const panel = scratch + ((i * depth) << 2);
        const table = aRows + ((m0 + i) << 2);
        if (rows - i >= 16 && areNeighbours(table, 16)) {
          packFourPanels(panel, a + (load<i32>(table) << 2), aColumns + (k0 << 2), depth);
          i += 16;
        } else {
          packPanel4(panel, a, table, min(4, rows - i), aColumns + (k0 << 2), depth);
          i += 4;
        }
      }
      for (let n0 = 0; n0 < n; n0 += 8) {
        const columns = min(8, n - n0);
        packPanel8(panelB, b, bRows + (k0 << 2), depth, bColumns + (n0 << 2), columns);
        for (let i = 0; i < rows; i += 4) {
          const panelA = scratch + ((i * depth) << 2);
          const target = c + (((m0 + i) * cWidth + n0) << 2);
          const tileRows = min(4, rows - i);
          if (tileRows == 4 && columns == 8) {
            multiply4x8(depth, panelA, panelB, target, cWidth << 2, add);
          } else {
            if (columns > 4) multiply4x8(depth, panelA, panelB, tile, 32, 0);
            else multiply4x4(depth, panelA, panelB, tile, 32);
            copyTile(tile, target, cWidth << 2, tileRows, columns, add);
          }
        }
      }
    }
  }
}

/** Whether the first `count` entries of a table follow each other. */
function areNeighbours(table: usize, count: i32): boolean {
  const first = load<i32>(table);
  for (let i = 1; i < count; i++) if (load<i32>(table + (i << 2)) != first + i) return false;
  return true;
}

/**
 * Copies 16 rows of A which are neighbours in memory (A is transposed) into four panels: panel[k][i] = A[i, k].
 *
 * 16 floats are a line of the cache, which is read once so instead of four times.
 */
function packFourPanels(panel: usize, row: usize, columns: usize, depth: i32): void {
  const panel1 = panel + (depth << 4), panel2 = panel1 + (depth << 4), panel3 = panel2 + (depth << 4);
  for (let k = 0; k < depth; k++) {
    const from = row + (load<i32>(columns + (k << 2)) << 2);
    const to = k << 4;
    v128.store(panel + to, v128.load(from));
    v128.store(panel1 + to, v128.load(from, 16));
    v128.store(panel2 + to, v128.load(from, 32));
    v128.store(panel3 + to, v128.load(from, 48));
  }
}

/**
 * Copies 4 rows of A, depth by depth: panel[k][i] = A[i, k].
 *
 * Rows that do not exist (count < 4) become whatever is convenient to read: what they give is never copied into C.
 */
function packPanel4(panel: usize, a: usize, rows: usize, count: i32, columns: usize, depth: i32): void {
  const row0 = a + (load<i32>(rows) << 2);
  const row1 = count > 1 ? a + (load<i32>(rows, 4) << 2) : row0;
  const row2 = count > 2 ? a + (load<i32>(rows, 8) << 2) : row0;
  const row3 = count > 3 ? a + (load<i32>(rows, 12) << 2) : row0;

  // Are the rows neighbours in memory (A is transposed), or two runs of neighbours (taps at the end of a window's row and at
  // the start of the next)? Then a depth is one vector, or the front of one and the back of another.
  const last = count > 3 ? row3 : row0 + 12; // a short panel counts as one run
  const front1 = row1 == row0 + 4, front2 = front1 && row2 == row0 + 8, front3 = front2 && row3 == row0 + 12;
  const back1 = row1 == last - 8 && row2 == last - 4, back2 = row2 == last - 4;
  const runs = count > 3 ? front3 || back1 || (front1 && back2) || front2 : count == 3 ? front2 : count == 2 ? front1 : true;
  if (runs) {
    const ones = i32x4.splat(-1);
    let fromFront = i32x4.replace_lane(i32x4.splat(0), 0, -1);
    if (front1 || count < 4) fromFront = i32x4.replace_lane(fromFront, 1, -1);
    if (front2 || count < 4) fromFront = i32x4.replace_lane(fromFront, 2, -1);
    if (front3 || count < 4) fromFront = ones;
    const back = last - 12;
    const end = endOfMemory() - 16;
    for (let k = 0; k < depth; k++) {
      const offset = load<i32>(columns + (k << 2)) << 2;
      if (row0 + offset > end) {
        // A vector would stick out of the memory: the very last floats there are.
        for (let i = 0; i < min(4, count); i++) {
          store<f32>(panel + (i << 2), load<f32>(a + ((load<i32>(rows + (i << 2))) << 2) + offset));
        }
      } else {
        v128.store(panel, v128.bitselect(v128.load(row0 + offset), v128.load(back + offset), fromFront));
      }
      panel += 16;
    }
    return;
  }

  // Where four depths are neighbours (A is not transposed), a 4 × 4 square is transposed in registers.
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    const table = columns + (k << 2);
    const first = load<i32>(table);
    if (load<i32>(table, 4) == first + 1 && load<i32>(table, 8) == first + 2 && load<i32>(table, 12) == first + 3) {
      const offset = first << 2;
      transposeSquare(
        panel, 16,
        v128.load(row0 + offset), v128.load(row1 + offset), v128.load(row2 + offset), v128.load(row3 + offset),
      );
    } else {
      for (let j = 0; j < 4; j++) gatherFour(panel + (j << 4), load<i32>(table + (j << 2)) << 2, row0, row1, row2, row3);
    }
    panel += 64;
  }
  for (; k < depth; k++) {
    gatherFour(panel, load<i32>(columns + (k << 2)) << 2, row0, row1, row2, row3);
    panel += 16;
  }
}

/** Copies 8 columns of B, depth by depth: panel[k][j] = B[k, j]. For columns that do not exist see `packPanel4`. */
function packPanel8(panel: usize, b: usize, rows: usize, depth: i32, columns: usize, count: i32): void {
  if (areNeighbours(columns, count)) {
    const column = b + (load<i32>(columns) << 2);
    const end = endOfMemory() - 32;
    for (let k = 0; k < depth; k++) {
      const row = column + (load<i32>(rows + (k << 2)) << 2);
      if (row > end) {
        for (let j = 0; j < count; j++) store<f32>(panel + (j << 2), load<f32>(row + (j << 2)));
      } else {
        v128.store(panel, v128.load(row));
        v128.store(panel, v128.load(row, 16), 16);
      }
      panel += 32;
    }
    return;
  }
  for (let half = 0; half < count; half += 4) {
    const table = columns + (half << 2);
    const exist = count - half;
    const column0 = b + (load<i32>(table) << 2);
    const column1 = exist > 1 ? b + (load<i32>(table, 4) << 2) : column0;
    const column2 = exist > 2 ? b + (load<i32>(table, 8) << 2) : column0;
    const column3 = exist > 3 ? b + (load<i32>(table, 12) << 2) : column0;
    let to = panel + (half << 2);
    let k = 0;
    for (; k + 4 <= depth; k += 4) {
      const row = rows + (k << 2);
      const start = load<i32>(row);
      if (load<i32>(row, 4) == start + 1 && load<i32>(row, 8) == start + 2 && load<i32>(row, 12) == start + 3) {
        const offset = start << 2;
        transposeSquare(
          to, 32,
          v128.load(column0 + offset), v128.load(column1 + offset), v128.load(column2 + offset), v128.load(column3 + offset),
        );
      } else {
        for (let j = 0; j < 4; j++) gatherFour(to + (j << 5), load<i32>(row + (j << 2)) << 2, column0, column1, column2, column3);
      }
      to += 128;
    }
    for (; k < depth; k++) {
      gatherFour(to, load<i32>(rows + (k << 2)) << 2, column0, column1, column2, column3);
      to += 32;
    }
  }
}

/** The first address behind the memory; 0 if that is 4 GB, from which subtraction wraps around to the right number. */
@inline
function endOfMemory(): usize {
  return <usize>memory.size() << 16;
}

@inline
function gatherFour(to: usize, offset: usize, from0: usize, from1: usize, from2: usize, from3: usize): void {
  store<f32>(to, load<f32>(from0 + offset));
  store<f32>(to, load<f32>(from1 + offset), 4);
  store<f32>(to, load<f32>(from2 + offset), 8);
  store<f32>(to, load<f32>(from3 + offset), 12);
}

/** Stores the columns of the square with rows a, b, c, d, `step` bytes apart. */
@inline
function transposeSquare(to: usize, step: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5); // a0 b0 a1 b1
  const ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab01, cd01, 0, 1, 4, 5)); // a0 b0 c0 d0
  v128.store(to + step, v128.shuffle<f32>(ab01, cd01, 2, 3, 6, 7));
  v128.store(to + 2 * step, v128.shuffle<f32>(ab23, cd23, 0, 1, 4, 5));
  v128.store(to + 3 * step, v128.shuffle<f32>(ab23, cd23, 2, 3, 6, 7));
}

/** C[4, 8] (+)= panelA[depth, 4]ᵀ · panelB[depth, 8]. `step`: bytes from a row of C to the next. */
function multiply4x8(depth: i32, a: usize, b: usize, c: usize, step: usize, add: i32): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let k = depth;
  for (; k >= 2; k -= 2) {
    let b0 = v128.load(b), b1 = v128.load(b, 16);
    let a0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    a0 = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(a0, b0));
    c11 = f32x4.add(c11, f32x4.mul(a0, b1));
    a0 = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(a0, b0));
    c21 = f32x4.add(c21, f32x4.mul(a0, b1));
    a0 = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(a0, b0));
    c31 = f32x4.add(c31, f32x4.mul(a0, b1));
    b0 = v128.load(b, 32), b1 = v128.load(b, 48);
    a0 = v128.load32_splat(a, 16);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    a0 = v128.load32_splat(a, 20);
    c10 = f32x4.add(c10, f32x4.mul(a0, b0));
    c11 = f32x4.add(c11, f32x4.mul(a0, b1));
    a0 = v128.load32_splat(a, 24);
    c20 = f32x4.add(c20, f32x4.mul(a0, b0));
    c21 = f32x4.add(c21, f32x4.mul(a0, b1));
    a0 = v128.load32_splat(a, 28);
    c30 = f32x4.add(c30, f32x4.mul(a0, b0));
    c31 = f32x4.add(c31, f32x4.mul(a0, b1));
    a += 32;
    b += 64;
  }
  if (k > 0) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let a0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    a0 = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(a0, b0));
    c11 = f32x4.add(c11, f32x4.mul(a0, b1));
    a0 = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(a0, b0));
    c21 = f32x4.add(c21, f32x4.mul(a0, b1));
    a0 = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(a0, b0));
    c31 = f32x4.add(c31, f32x4.mul(a0, b1));
  }
  const row1 = c + step, row2 = row1 + step, row3 = row2 + step;
  if (add) {
    c00 = f32x4.add(c00, v128.load(c)); c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(row1)); c11 = f32x4.add(c11, v128.load(row1, 16));
    c20 = f32x4.add(c20, v128.load(row2)); c21 = f32x4.add(c21, v128.load(row2, 16));
    c30 = f32x4.add(c30, v128.load(row3)); c31 = f32x4.add(c31, v128.load(row3, 16));
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(row1, c10); v128.store(row1, c11, 16);
  v128.store(row2, c20); v128.store(row2, c21, 16);
  v128.store(row3, c30); v128.store(row3, c31, 16);
}

/** The left half of `multiply4x8`, for a last panel of at most 4 columns. */
function multiply4x4(depth: i32, a: usize, b: usize, c: usize, step: usize): void {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(b);
    c0 = f32x4.add(c0, f32x4.mul(v128.load32_splat(a), b0));
    c1 = f32x4.add(c1, f32x4.mul(v128.load32_splat(a, 4), b0));
    c2 = f32x4.add(c2, f32x4.mul(v128.load32_splat(a, 8), b0));
    c3 = f32x4.add(c3, f32x4.mul(v128.load32_splat(a, 12), b0));
    a += 16;
    b += 32;
  }
  v128.store(c, c0);
  v128.store(c + step, c1);
  v128.store(c + 2 * step, c2);
  v128.store(c + 3 * step, c3);
}

/** Copies the part of a tile (rows 32 bytes apart) that lies inside C. */
function copyTile(tile: usize, c: usize, step: usize, rows: i32, columns: i32, add: i32): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = j << 2;
      const value = load<f32>(tile + at);
      store<f32>(c + at, add ? value + load<f32>(c + at) : value);
    }
    tile += 32;
    c += step;
  }
}

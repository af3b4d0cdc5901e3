import type { Dense, Masked, Shared } from '@pare/core';
import { clip } from './clip.ts';
import type { Bounds } from './dense/shapes.ts';
import { expectOperands } from './expect.ts';

/**
 * A matrix by its nonzeros, row by row: those of row m are the entries from `rowEnds[m − 1]` (0 for the first) to `rowEnds[m]`,
 * in rising order of their columns.
 *
 * If the nonzeros share few values, entry k also has a code: `values[k] = codebook[codes[k]]`. Code 0 stands for zero and for
 * filling up: no nonzero has it.
 */
export interface Csr {
  readonly rows: number;
  readonly columns: number;
  /** [rows] */
  readonly rowEnds: Uint32Array;
  /** [nonzeros]: the column of each; 16 bits where they suffice */
  readonly indices: Uint16Array | Uint32Array;
  /** [nonzeros] */
  readonly values: Float32Array;
  /** [up to 256], the first of them 0 */
  readonly codebook?: Float32Array;
  /** [nonzeros], from 1 */
  readonly codes?: Uint8Array;
}

/** A matrix whose nonzeros have codes. */
export type CodedCsr = Csr & Required<Pick<Csr, 'codebook' | 'codes'>>;

/**
 * Lists the nonzeros of a matrix in one of the forms of a weight. Zeros that a mask keeps are left out: they multiply to nothing.
 *
 * Values of a shared form keep their codes if at most 255 of its codebook are not zero.
 *
 * @param form - of rows · columns numbers, row-major
 * @throws RangeError if the form has another number of elements
 * @example
 * const { rowEnds, indices, values } = toCsr({ kind: 'dense', values: Float32Array.of(0, 5, 0, 0, 0, 7) }, 2, 3);
 * [[...rowEnds], [...indices], [...values]] // [[1, 2], [1, 2], [5, 7]]
 */
export function toCsr(form: Dense | Masked | Shared, rows: number, columns: number): Csr {
  const lengths = form.kind === 'shared' ? [form.indices.length, form.mask.length] : [form.values.length];
  for (const length of lengths) {
    if (length !== rows * columns) {
      throw new RangeError(`toCsr: "form" expected ${rows} · ${columns} numbers, got ${length}`);
    }
  }
  return form.kind === 'shared' ? fromShared(form, rows, columns) : fromValues(form.values, rows, columns);
}

function fromValues(dense: Float32Array, rows: number, columns: number): Csr {
  let nonzeros = 0;
  for (let i = 0; i < dense.length; i++) nonzeros += dense[i] === 0 ? 0 : 1;
  const csr = emptyCsr(rows, columns, nonzeros);
  for (let m = 0, i = 0, k = 0; m < rows; m++) {
    for (let n = 0; n < columns; n++, i++) {
      if (dense[i] === 0) continue;
      csr.indices[k] = n;
      csr.values[k++] = dense[i]!;
    }
    csr.rowEnds[m] = k;
  }
  return csr;
}

function fromShared({ codebook, indices, mask }: Shared, rows: number, columns: number): Csr {
  // Codes of ours: those of the codebook without its zeros, from 1.
  const codeOf = new Uint16Array(codebook.length);
  let count = 0;
  for (let i = 0; i < codebook.length; i++) if (codebook[i] !== 0) codeOf[i] = ++count;
  let nonzeros = 0;
  for (let i = 0; i < indices.length; i++) nonzeros += mask[i] && codeOf[indices[i]!] ? 1 : 0;
  const csr = emptyCsr(rows, columns, nonzeros);
  const codes = count <= MOST_CODES ? new Uint8Array(nonzeros) : undefined;
  for (let m = 0, i = 0, k = 0; m < rows; m++) {
    for (let n = 0; n < columns; n++, i++) {
      const code = mask[i] ? codeOf[indices[i]!]! : 0;
      if (code === 0) continue;
      csr.indices[k] = n;
      if (codes) codes[k] = code;
      csr.values[k++] = codebook[indices[i]!]!;
    }
    csr.rowEnds[m] = k;
  }
  if (!codes) return csr;
  return { ...csr, codes, codebook: Float32Array.from([0, ...codebook.filter((value) => value !== 0)]) };
}

/** The nonzero values that a code of 8 bits can tell apart. */
export const MOST_CODES = 255;

/** A matrix of so many nonzeros, to be filled. */
const emptyCsr = (rows: number, columns: number, nonzeros: number): Csr => ({
  rows,
  columns,
  rowEnds: new Uint32Array(rows),
  indices: columns <= 65536 ? new Uint16Array(nonzeros) : new Uint32Array(nonzeros),
  values: new Float32Array(nonzeros),
});

/**
 * Rows first … end − 1 of a matrix.
 *
 * @example
 * const csr = toCsr({ kind: 'dense', values: Float32Array.of(1, 2, 0, -3) }, 2, 2);
 * const { rowEnds, indices, values } = rowsOf(csr, 1, 2);
 * [[...rowEnds], [...indices], [...values]] // [[1], [1], [-3]]
 */
export function rowsOf(matrix: Csr, first: number, end: number): Csr {
  const { rows, rowEnds, indices, values, codes } = matrix;
  if (first === 0 && end === rows) return matrix;
  const [from, to] = [first === 0 ? 0 : rowEnds[first - 1]!, end === 0 ? 0 : rowEnds[end - 1]!];
  return {
    ...matrix,
    rows: end - first,
    rowEnds: rowEnds.subarray(first, end).map((at) => at - from),
    indices: indices.subarray(from, to),
    values: values.subarray(from, to),
    ...(codes && { codes: codes.subarray(from, to) }),
  };
}

/**
 * Gives the nonzeros codes, by looking which values there are.
 *
 * @returns undefined if there are more than 255
 * @example
 * const csr = toCsr({ kind: 'dense', values: Float32Array.of(5, 0, 7, 5) }, 2, 2);
 * const { codebook, codes } = withCodes(csr);
 * [[...codebook], [...codes]] // [[0, 5, 7], [1, 2, 1]]
 */
export function withCodes(csr: Csr): CodedCsr | undefined {
  const { values, codebook, codes } = csr;
  if (codebook && codes) return { ...csr, codebook, codes };
  const found = new Uint8Array(values.length);
  const codeOf = new Map<number, number>();
  for (let k = 0; k < values.length; k++) {
    let code = codeOf.get(values[k]!);
    if (code === undefined) {
      if (codeOf.size === MOST_CODES) return undefined;
      codeOf.set(values[k]!, (code = codeOf.size + 1));
    }
    found[k] = code;
  }
  return { ...csr, codes: found, codebook: Float32Array.from([0, ...codeOf.keys()]) };
}

/**
 * Lists the same nonzeros column by column.
 *
 * @example
 * const csr = toCsr({ kind: 'dense', values: Float32Array.of(1, 2, 0, 3) }, 2, 2);
 * const { rowEnds, indices, values } = transposed(csr);
 * [[...rowEnds], [...indices], [...values]] // [[1, 3], [0, 0, 1], [1, 2, 3]]
 */
export function transposed(csr: Csr): Csr {
  const { rows, columns, rowEnds, indices, values, codes, codebook } = csr;
  const out = emptyCsr(columns, rows, values.length);
  // Where the next entry of each column goes; at last, where they end.
  const next = out.rowEnds;
  for (let k = 0; k < indices.length; k++) if (indices[k]! + 1 < columns) next[indices[k]! + 1]!++;
  for (let n = 1; n < columns; n++) next[n]! += next[n - 1]!;
  const moved = codes && new Uint8Array(codes.length);
  for (let m = 0, k = 0; m < rows; m++) {
    for (; k < rowEnds[m]!; k++) {
      const to = next[indices[k]!]!++;
      out.indices[to] = m;
      out.values[to] = values[k]!;
      if (moved) moved[to] = codes[k]!;
    }
  }
  return moved && codebook ? { ...out, codes: moved, codebook } : out;
}

/**
 * Multiplies by a vector, in JavaScript: y = clip(W x + bias).
 *
 * @param x - [columns]
 * @param y - [rows]: is written and returned
 * @throws RangeError if an array has another length
 * @example
 * const csr = toCsr({ kind: 'dense', values: Float32Array.of(1, 2, 0, -3) }, 2, 2);
 * [...csrTimesVector(csr, Float32Array.of(1, 10), undefined, { least: 0 })] // [21, 0]
 */
export function csrTimesVector(
  csr: Csr,
  x: Float32Array,
  bias?: Float32Array,
  bounds: Bounds = {},
  y: Float32Array = new Float32Array(csr.rows),
): Float32Array {
  const { rows, rowEnds, indices, values } = csr;
  expectOperands('csrTimesVector', csr, x, bias, y);
  for (let m = 0, k = 0; m < rows; m++) {
    let sum = bias?.[m] ?? 0;
    for (const end = rowEnds[m]!; k < end; k++) sum += values[k]! * x[indices[k]!]!;
    y[m] = clip(sum, bounds);
  }
  return y;
}

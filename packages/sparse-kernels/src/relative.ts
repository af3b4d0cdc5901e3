import { clip } from './clip.ts';
import { type CodedCsr, type Csr, transposed, withCodes } from './csr.ts';
import type { Bounds } from './dense/shapes.ts';
import { expectOperands } from './expect.ts';

/**
 * EIE's form: each entry says how many zeros it skips, and has the code of its value. Lines are rows, or columns for inputs of which
 * many are zero. An entry of code 0 bridges a gap that is too long, or fills a line up to a multiple of four entries.
 *
 * Widths of gap and code, in bits: 4 and 4 share a byte, the gap in its high half; 8 and 4 take 1½ bytes, two codes a byte with the
 * first one low; 8 and 8 take 2. Long gaps pay where less than about one in fifteen is left.
 */
export interface Relative {
  readonly kind: 'relative';
  readonly rows: number;
  readonly columns: number;
  readonly nonzeros: number;
  readonly lines: 'rows' | 'columns';
  readonly gapBits: 4 | 8;
  readonly codeBits: 4 | 8;
  /** [lines]: where the entries of each line end */
  readonly ends: Uint32Array;
  /** [entries] if gaps have 8 bits, else both in one: [entries] */
  readonly gaps: Uint8Array;
  /** [entries · codeBits / 8]; empty if gaps hold both */
  readonly codes: Uint8Array;
  /** [16] or [256], the first of them 0 */
  readonly codebook: Float32Array;
}

export interface RelativeOptions {
  /** Default `rows`. */
  readonly lines?: 'rows' | 'columns';
  /** Default: what takes fewer bytes with these codes; codes of 8 bits come with gaps of 8 bits. */
  readonly gapBits?: 4 | 8;
}

/** Entries of a line come in fours, so that kernels take four at a time. */
const GROUP = 4;

/**
 * Turns positions into gaps.
 *
 * @throws RangeError if gaps of 4 bits are asked for and there are more than 15 values
 * @example
 * const csr = withCodes(toCsr({ kind: 'dense', values: Float32Array.of(0, 5, 0, 0, 5) }, 1, 5));
 * [...toRelative(csr, { gapBits: 4 }).gaps] // [17, 33, 0, 0]
 */
export function toRelative(csr: CodedCsr, { lines = 'rows', gapBits }: RelativeOptions = {}): Relative {
  const codeBits = csr.codebook.length <= 16 ? 4 : 8;
  if (gapBits === 4 && codeBits === 8) {
    throw new RangeError(
      `toRelative: "gapBits" expected 8 for ${csr.codebook.length - 1} values, got 4: that is for up to 15`,
    );
  }
  const { rows, columns } = csr;
  const { rowEnds, indices, codes: codeOf, codebook: values } = lines === 'rows' ? csr : withCodes(transposed(csr))!;
  const bits = gapBits ?? (codeBits === 8 || 1.5 * count(rowEnds, indices, 8) < count(rowEnds, indices, 4) ? 8 : 4);
  const entries = count(rowEnds, indices, bits);
  const longest = 2 ** bits - 1;
  const ends = new Uint32Array(rowEnds.length);
  const gaps = new Uint8Array(entries);
  const codes = new Uint8Array(bits === 4 ? 0 : (entries * codeBits) / 8);
  let at = 0;
  const put = (gap: number, code: number): void => {
    gaps[at] = bits === 4 ? (gap << 4) | code : gap;
    if (bits === 8) {
      if (codeBits === 8) codes[at] = code;
      else codes[at >> 1]! |= code << (4 * (at & 1));
    }
    at++;
  };
  for (let line = 0, k = 0; line < rowEnds.length; line++) {
    let position = -1;
    for (const end = rowEnds[line]!; k < end; k++) {
      let gap = indices[k]! - position - 1;
      for (; gap > longest; gap -= longest + 1) put(longest, 0);
      put(gap, codeOf[k]!);
      position = indices[k]!;
    }
    while (at % GROUP) put(0, 0);
    ends[line] = at;
  }
  const codebook = new Float32Array(2 ** codeBits);
  codebook.set(values);
  const nonzeros = indices.length;
  return { kind: 'relative', rows, columns, nonzeros, lines, gapBits: bits, codeBits, ends, gaps, codes, codebook };
}

/** Entries that gaps of so many bits take, fillers and all. */
function count(rowEnds: Uint32Array, indices: Csr['indices'], bits: number): number {
  let entries = 0;
  for (let line = 0, k = 0; line < rowEnds.length; line++) {
    let position = -1;
    for (const end = rowEnds[line]!; k < end; k++) {
      entries += 1 + ((indices[k]! - position - 1) >> bits);
      position = indices[k]!;
    }
    entries = Math.ceil(entries / GROUP) * GROUP;
  }
  return entries;
}

/**
 * Multiplies by a vector, in JavaScript: y = clip(W x + bias); see {@link csrTimesVector}.
 *
 * @throws RangeError if an array has another length
 * @example
 * const csr = withCodes(toCsr({ kind: 'dense', values: Float32Array.of(0, 5, 0, 0, 5) }, 1, 5));
 * [...relativeTimesVector(toRelative(csr), Float32Array.of(1, 2, 3, 4, 5))] // [35]
 */
export function relativeTimesVector(
  matrix: Relative,
  x: Float32Array,
  bias?: Float32Array,
  bounds: Bounds = {},
  y: Float32Array = new Float32Array(matrix.rows),
): Float32Array {
  const { rows, lines, ends, gaps, codes, codebook, gapBits, codeBits } = matrix;
  expectOperands('relativeTimesVector', matrix, x, bias, y);
  for (let m = 0; m < rows; m++) y[m] = bias?.[m] ?? 0;
  for (let line = 0, at = 0; line < ends.length; line++) {
    let position = -1;
    let sum = 0;
    for (const end = ends[line]!; at < end; at++) {
      position += 1 + (gapBits === 4 ? gaps[at]! >> 4 : gaps[at]!);
      const code =
        gapBits === 4 ? gaps[at]! & 15 : codeBits === 8 ? codes[at]! : (codes[at >> 1]! >> (4 * (at & 1))) & 15;
      if (code === 0) continue;
      if (lines === 'rows') sum += codebook[code]! * x[position]!;
      else y[position]! += codebook[code]! * x[line]!;
    }
    if (lines === 'rows') y[line]! += sum;
  }
  for (let m = 0; m < rows; m++) y[m] = clip(y[m]!, bounds);
  return y;
}

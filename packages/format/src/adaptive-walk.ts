import type { Form, Masked, Shape, Shared } from '@pare/core';
import { type BitCoder, codeBits, codeGamma } from './bit-coder.ts';
import { type CodebookPlan, codeCodebook, codeMantissaBits } from './codebook.ts';
import { bitsOf } from './float-bits.ts';
import { AdaptiveBits, Mixture, STRETCH } from './mixture.ts';

/** How a matrix is looked at; the encoder tries several ways and writes down the best. */
export interface Scan {
  /** Whether columns are visited one after another instead of rows. */
  readonly transposed: boolean;
  /** Columns that lie `width` apart are neighbours (images: the row length); 0 = only adjacent ones. */
  readonly width: number;
  /** Columns come in blocks of this many (R·S of a convolution); 1 = none. */
  readonly block: number;
}

/** What the encoder knows and the decoder finds out. */
export interface Given {
  readonly form: Form;
  readonly scan: Scan;
  readonly codebook?: CodebookPlan;
  /** Of the floats of a dense or masked form. */
  readonly mantissa: number;
}

/**
 * What is remembered from weight to weight in one record: which rows of the last kernel are alive, for a neuron without
 * inputs seldom has outputs; and how often that holds.
 */
export interface Memory {
  rowsAlive: Uint8Array | undefined;
  readonly kinds: AdaptiveBits;
  readonly alive: Mixture;
}

export function newMemory(): Memory {
  // Row flags: the two before. Column flags: linked row × the two before; linked row × left, above, above right; which.
  return { rowsAlive: undefined, kinds: new AdaptiveBits(4), alive: new Mixture([16 + 4, 27, 2], [40, 40, 40]) };
}

const KINDS = ['shared', 'masked', 'dense'] as const;

/**
 * Walks one weight: its kind, how it is scanned, its alphabet, which rows and columns are alive, then for each place where
 * both are whether something is there and what.
 *
 * @param limit - most entries of a codebook
 */
export function codeWeight(coder: BitCoder, memory: Memory, shape: Shape, limit: number, given?: Given): Form {
  coder.enter?.('parameters');
  const kindIndex = given ? KINDS.indexOf(given.form.kind as (typeof KINDS)[number]) : 0;
  const kind = memory.kinds.code(coder, 1, kindIndex > 0 ? 1 : 0)
    ? KINDS[1 + memory.kinds.code(coder, 2, kindIndex - 1)]!
    : 'shared';
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (kind === 'dense') return { kind, values: codeFloats(coder, count, given) };

  const form = given?.form as Shared | Masked | undefined;
  // A vector is one row, so that its entries can be linked to the rows of the kernel before it.
  const rowCount = shape.length > 1 ? shape[0]! : 1;
  const columnCount = rowCount === 0 ? 0 : count / rowCount;
  const mask = form ? form.mask : new Uint8Array(count);
  const scan = codeScan(coder, memory, shape, columnCount, given?.scan);
  const floats = kind === 'masked' ? new FloatCoder(coder, given?.mantissa) : undefined;
  coder.enter?.('codebook');
  const codebook = kind === 'shared' ? codeCodebook(coder, limit, given?.codebook) : new Float32Array(0);

  coder.enter?.('alive');
  const { rowsAlive, columnsAlive } = codeAlive(
    coder,
    memory,
    rowCount,
    columnCount,
    scan.width,
    mask,
    form !== undefined,
  );
  const lines = { rowsAlive, columnsAlive, rowCount, columnCount, scan, mask };
  if (kind === 'shared') {
    const indices = form ? (form as Shared).indices : new Uint16Array(count);
    const symbols = new SymbolCoder(codebook, Math.max(rowCount, columnCount), scan);
    codePlaces(coder, lines, form !== undefined, (coder, place, where) => {
      indices[place] = symbols.code(coder, indices[place]!, where);
      return symbols.negative ? -1 : 1;
    });
    if (!form && codebook.length === 0 && mask.includes(1)) coder.fail('not-a-codebook', 'an empty codebook in use');
    return { kind, codebook, indices, mask };
  }
  const values = form ? (form as Masked).values : new Float32Array(count);
  const bits = bitsOf(values);
  codePlaces(coder, lines, form !== undefined, (coder, place) => {
    const value = floats!.code(coder, bits[place]!);
    if (!form) bits[place] = value;
    return value >>> 31 ? -1 : 1;
  });
  return { kind: 'masked', values, mask };
}

/** The way of scanning that a shape suggests, written in one bit. */
export function usualScan(shape: Shape, linkedColumns: number): Scan {
  if (shape.length === 4) return { transposed: false, width: shape[3]!, block: shape[2]! * shape[3]! };
  const columns = shape.length > 1 ? shape.slice(1).reduce((a, b) => a * b, 1) : 0;
  const image = linkedColumns > 0 ? linkedColumns : columns;
  const side = Math.round(Math.sqrt(image));
  return { transposed: false, width: side * side === image && side > 1 ? side : 0, block: Math.max(1, linkedColumns) };
}

/** How many columns belong to each row of the last kernel; 0 if they cannot. */
export function linkedColumns(memory: Memory, columnCount: number): number {
  const rows = memory.rowsAlive?.length ?? 0;
  return rows > 0 && columnCount % rows === 0 ? columnCount / rows : 0;
}

function codeScan(coder: BitCoder, memory: Memory, shape: Shape, columnCount: number, given?: Scan): Scan {
  if (shape.length < 2) return { transposed: false, width: 0, block: 1 };
  const usual = usualScan(shape, linkedColumns(memory, columnCount));
  const scan = given ?? usual;
  const same = scan.transposed === usual.transposed && scan.width === usual.width && scan.block === usual.block;
  if (codeBits(coder, same ? 1 : 0, 1) === 1) return usual;
  const transposed = codeBits(coder, scan.transposed ? 1 : 0, 1) === 1;
  const width = codeGamma(coder, scan.width);
  const block = codeGamma(coder, scan.block - 1) + 1;
  if (width > columnCount) coder.fail('number-out-of-range', `neighbours ${width} apart in ${columnCount} columns`);
  return { transposed, width, block };
}

function codeAlive(
  coder: BitCoder,
  memory: Memory,
  rowCount: number,
  columnCount: number,
  width: number,
  mask: Uint8Array,
  encoding: boolean,
): { rowsAlive: Uint8Array; columnsAlive: Uint8Array } {
  const rowsAlive = new Uint8Array(rowCount);
  const columnsAlive = new Uint8Array(columnCount);
  if (encoding) {
    for (let r = 0, place = 0; r < rowCount; r++) {
      for (let c = 0; c < columnCount; c++, place++) {
        if (mask[place] !== 0) rowsAlive[r] = columnsAlive[c] = 1;
      }
    }
  }
  const { alive } = memory;
  const { slots } = alive;
  if (rowCount > 1) {
    for (let r = 0; r < rowCount; r++) {
      const before = r > 0 ? rowsAlive[r - 1]! : 0;
      slots[0] = 16 + before + 2 * (r > 1 ? rowsAlive[r - 2]! : 0);
      slots[1] = r > 0 ? 1 + before : 0;
      slots[2] = 0;
      rowsAlive[r] = alive.code(coder, rowsAlive[r]!);
    }
  } else {
    rowsAlive.fill(1);
  }
  const perRow = linkedColumns(memory, columnCount);
  for (let c = 0; c < columnCount; c++) {
    const linked = perRow > 0 ? memory.rowsAlive![Math.floor(c / perRow)]! : 2;
    const left = c > 0 ? columnsAlive[c - 1]! : 0;
    const above = width > 0 && c >= width ? columnsAlive[c - width]! : 0;
    const aboveRight = width > 1 && c >= width - 1 ? columnsAlive[c - width + 1]! : 0;
    slots[0] = linked * 4 + left + 2 * (c > 1 ? columnsAlive[c - 2]! : 0);
    slots[1] = 3 + linked * 8 + left + 2 * above + 4 * aboveRight;
    slots[2] = 1;
    columnsAlive[c] = alive.code(coder, columnsAlive[c]!);
  }
  if (rowCount > 1) memory.rowsAlive = rowsAlive;
  return { rowsAlive, columnsAlive };
}

/** The neighbourhood of a place, for those who code what is there. */
interface Where {
  /** Signs of what is there in the present line, by column; 0 = nothing. Starts `MARGIN` early. */
  readonly signs: Int8Array;
  /** Index into `signs`. */
  at: number;
  column: number;
  /** Recent density in this line, 0…1024. */
  recent: number;
  /** Whether nothing came before in this line. */
  first: boolean;
}

interface Lines {
  readonly rowsAlive: Uint8Array;
  readonly columnsAlive: Uint8Array;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly scan: Scan;
  readonly mask: Uint8Array;
}

/** logit of a count over a count with a prior: both in units that make it 0…4095. */
const logitOf = (numerator: number, denominator: number): number => {
  const p = (numerator / denominator) | 0; // below 2⁴⁴ over below 2³²: too far from a whole number to be rounded to it
  return STRETCH[Math.max(1, Math.min(4095, p))]!;
};

/**
 * Walks the places where row and column are alive, and at each whether something is there; if so, `codeThing` codes it and
 * tells its sign. A line here is a row, or a column if the scan is transposed.
 *
 * Five estimates take part as numbers: the density of this column so far, of this line so far, of the columns beside, of
 * everything, and a constant; four tables add what the shape of the neighbourhood says. A line that would else stay empty
 * must have something at its last place, and a column at its last line: nothing is coded there.
 */
function codePlaces(
  coder: BitCoder,
  lines: Lines,
  encoding: boolean,
  codeThing: (coder: BitCoder, place: number, where: Where) => number,
): void {
  const { scan, mask, rowCount, columnCount } = lines;
  const { width, block } = scan;
  const live = (flags: Uint8Array): Int32Array => Int32Array.from(flags.keys()).filter((i) => flags[i] === 1);
  const rows = live(scan.transposed ? lines.columnsAlive : lines.rowsAlive);
  const columns = live(scan.transposed ? lines.rowsAlive : lines.columnsAlive);
  const rowStride = scan.transposed ? 1 : columnCount;
  const columnStride = scan.transposed ? columnCount : 1;
  const extent = scan.transposed ? rowCount : columnCount;
  if (rows.length === 0 || columns.length === 0) return;

  // The density to start from, in half octaves: 2^(12 − d/2) of 4096.
  let total = 0;
  if (encoding) for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) total++;
  const area = rows.length * columns.length;
  coder.enter?.('parameters');
  // In a single line or column all that is alive is there.
  const full = rows.length === 1 || columns.length === 1 || codeBits(coder, total === area ? 1 : 0, 1) === 1;
  const halfOctaves = full ? 0 : codeBits(coder, Math.max(0, Math.min(23, Math.round(2 * Math.log2(area / total)))), 5);
  const prior = Math.max(1, ((4096 >> (halfOctaves >> 1)) * (halfOctaves & 1 ? 181 : 256)) >> 8);

  const margin = width + 2; // the farthest neighbour looked at is width + 1 away
  const kept = new Int32Array(extent + 2 * margin); // per column so far
  const signs = new Int8Array(extent + 2 * margin);
  const where: Where = { signs, at: 0, column: 0, recent: 0, first: true };
  const presence = new Mixture([32, 64, 96, 64], [50, 50, 30, -30, 20, 15, 15, 15, 15]);
  const { inputs, slots } = presence;
  let things = 0;
  let seen = 0;
  let stream = '';
  const enter = (name: string): void => {
    if (coder.enter && name !== stream) coder.enter((stream = name));
  };

  for (let line = 0; line < rows.length; line++) {
    const base = rows[line]! * rowStride;
    const lastLine = line === rows.length - 1;
    signs.fill(0);
    let inLine = 0;
    let inBlock = 0;
    let blockIndex = -1;
    let recent = 0;
    where.first = true;
    for (let j = 0; j < columns.length; j++) {
      const column = columns[j]!;
      const at = column + margin;
      const place = base + column * columnStride;
      const inColumn = kept[at]!;
      const phase = column % block;
      if ((column - phase) / block !== blockIndex) {
        blockIndex = (column - phase) / block;
        inBlock = 0;
      }
      let bit = 1;
      if (!full && !(lastLine && inColumn === 0) && !(j === columns.length - 1 && inLine === 0)) {
        const left = signs[at - 1]! & 1; // −1 and 1 are odd
        const above = width > 0 ? signs[at - width]! & 1 : 0;
        const neighbours = kept[at - 1]! + kept[at + 1]! + (width > 0 ? kept[at - width]! + kept[at + width]! : 0);
        const neighbourLines = (width > 0 ? 4 : 2) * line;
        const density = ((things * 4096 + prior * 64) / (seen + 64)) | 0; // 64: the prior counts as much as 64 places
        inputs[0] = logitOf(inColumn * 4096 + 3 * density, line + 3);
        inputs[1] = logitOf(inLine * 4096 + 8 * density, j + 8);
        inputs[2] = logitOf(neighbours * 4096 + 4 * density, neighbourLines + 4);
        inputs[3] = logitOf(density, 1);
        inputs[4] = 256;
        slots[0] =
          left +
          2 * (signs[at - 2]! & 1) +
          4 * above +
          (width > 0 ? 8 * (signs[at - width - 1]! & 1) : 0) +
          (width > 1 ? 16 * (signs[at - width + 1]! & 1) : 0);
        slots[1] = 8 * Math.min(7, ((inColumn * 16) / (line + 2)) | 0) + Math.min(7, ((inLine * 16) / (j + 4)) | 0);
        slots[2] = Math.min(31, recent >> 5) * 3 + left + above;
        slots[3] = block > 1 ? Math.min(3, inBlock) * 16 + Math.min(15, phase) : 0;
        enter('presence');
        bit = presence.code(coder, mask[place]!);
      }
      seen++;
      recent -= recent >> 3;
      if (bit === 0) continue;
      if (!encoding) mask[place] = 1;
      recent += 128;
      things++;
      inLine++;
      inBlock++;
      kept[at] = inColumn + 1;
      where.at = at;
      where.column = column;
      where.recent = recent;
      enter('values');
      signs[at] = codeThing(coder, place, where);
      where.first = false;
    }
  }
}

const clampTo = (value: number, bound: number): number => Math.max(-bound, Math.min(bound, value));

/** −1, 0, 1 near zero, ±2 beyond: sums of signs in five steps, as 0…4. */
const fiveSteps = (sum: number): number => (sum < -2 ? 0 : sum < 0 ? 1 : sum === 0 ? 2 : sum < 3 ? 3 : 4);

/**
 * Codes entries of an ascending codebook: the sign, then the rank by size among those of the sign, as a path in a binary tree.
 *
 * Signs lean on the neighbours' signs and on the sums of signs in this row and column; sizes on the last sizes there.
 */
class SymbolCoder {
  negative = false;
  readonly #negatives: number;
  readonly #positives: number;
  readonly #width: number;
  readonly #sign = new Mixture([1, 9, 25, 9, 49], [30, 30, 30, 30, 30]);
  readonly #rank: Mixture;
  readonly #nodes: number;
  // Sums of signs and last rank level, by column (with a neighbour on both sides) and in this row.
  readonly #columnSigns: Int32Array;
  readonly #columnLevels: Uint8Array;
  #rowSigns = 0;
  #lastSign = 0;
  #lastLevel = 0;

  constructor(codebook: Float32Array, extent: number, scan: Scan) {
    this.#negatives = bitsOf(codebook).filter((bits) => bits >>> 31 === 1).length;
    this.#positives = codebook.length - this.#negatives;
    this.#width = scan.width;
    this.#nodes = 1 << treeDepth(Math.max(this.#negatives, this.#positives));
    const nodes = this.#nodes;
    this.#rank = new Mixture([nodes, 2 * nodes, 17 * nodes, 17 * nodes, 4 * nodes], [40, 30, 20, 20, 20]);
    this.#columnSigns = new Int32Array(extent + 2);
    this.#columnLevels = new Uint8Array(extent);
  }

  code(coder: BitCoder, index: number, where: Where): number {
    if (where.first) this.#rowSigns = this.#lastSign = this.#lastLevel = 0;
    const { column } = where;
    const negatives = this.#negatives;
    let negative = negatives > 0;
    if (negative && this.#positives > 0) {
      this.#setSignContexts(where);
      negative = this.#sign.code(coder, index < negatives ? 1 : 0) === 1;
    }
    const rank = this.#codeRank(coder, negative ? negatives - 1 - index : index - negatives, negative, where);

    this.negative = negative;
    const sign = negative ? -1 : 1;
    this.#columnSigns[column + 1]! += sign;
    this.#rowSigns += sign;
    this.#lastSign = sign;
    // 17 levels: none, then the ranks themselves while there are at most 16.
    const level = 1 + (this.#nodes > 16 ? Math.floor((rank * 16) / this.#nodes) : rank);
    this.#lastLevel = this.#columnLevels[column] = level;
    return negative ? negatives - 1 - rank : negatives + rank;
  }

  #setSignContexts({ signs, at, column }: Where): void {
    const width = this.#width;
    const { slots } = this.#sign;
    const left = signs[at - 1]!;
    const above = width > 0 ? signs[at - width]! : 0;
    const columnSigns = this.#columnSigns[column + 1]!;
    const around =
      2 * left +
      signs[at - 2]! +
      (width > 0
        ? 2 * above + signs[at - width - 1]! + signs[at - width + 1]! + (at >= 2 * width ? signs[at - 2 * width]! : 0)
        : 0);
    const columns = columnSigns + this.#columnSigns[column]! + this.#columnSigns[column + 2]!;
    slots[0] = 0;
    slots[1] = (left + 1) * 3 + above + 1;
    slots[2] = fiveSteps(columnSigns) * 5 + fiveSteps(this.#rowSigns);
    slots[3] = (this.#lastSign + 1) * 3 + clampTo(columnSigns, 1) + 1;
    slots[4] = (clampTo(around, 3) + 3) * 7 + clampTo(columns, 3) + 3;
  }

  #codeRank(coder: BitCoder, rank: number, negative: boolean, where: Where): number {
    const nodes = this.#nodes;
    const { slots } = this.#rank;
    const count = negative ? this.#negatives : this.#positives;
    if (count === 0) coder.fail('not-a-codebook', 'an empty codebook in use');
    const depth = treeDepth(count);
    const last = this.#lastLevel * nodes;
    const inColumn = this.#columnLevels[where.column]! * nodes;
    const recent = Math.min(3, where.recent >> 8) * nodes;
    let node = 1;
    for (let height = depth - 1; height >= 0; height--) {
      node *= 2;
      // Nothing to say where the upper half is empty.
      if (((node + 1) << height) - (1 << depth) >= count) continue;
      const parent = node >> 1;
      slots[0] = parent;
      slots[1] = (negative ? nodes : 0) + parent;
      slots[2] = last + parent;
      slots[3] = inColumn + parent;
      slots[4] = recent + parent;
      node += this.#rank.code(coder, (rank >> height) & 1);
    }
    return node - (1 << depth);
  }
}

/** ⌈log2 count⌉, 0 for none. */
const treeDepth = (count: number): number => (count > 1 ? 32 - Math.clz32(count - 1) : 0);

/** Codes floats: exponent by an adaptive tree, sign by an adaptive bit, then the mantissa bits that any of the values needs. */
class FloatCoder {
  readonly #mantissa: number;
  readonly #bits = new AdaptiveBits(257);

  constructor(coder: BitCoder, mantissa = 0) {
    this.#mantissa = codeMantissaBits(coder, mantissa);
  }

  /** @param value - the 32 bits of the float */
  code(coder: BitCoder, value: number): number {
    const cut = 23 - this.#mantissa;
    const exponent = this.#bits.codeTree(coder, 0, (value >>> 23) & 0xff, 8);
    const sign = this.#bits.code(coder, 256, value >>> 31);
    const fraction = codeBits(coder, (value & 0x7fffff) >>> cut, this.#mantissa);
    return (((sign << 31) | (exponent << 23)) >>> 0) + fraction * 2 ** cut;
  }
}

function codeFloats(coder: BitCoder, count: number, given?: Given): Float32Array {
  const floats = new FloatCoder(coder, given?.mantissa);
  coder.enter?.('values');
  const values = new Float32Array(count);
  const out = bitsOf(values);
  const source = given && bitsOf((given.form as Masked).values);
  for (let i = 0; i < count; i++) out[i] = floats.code(coder, source ? source[i]! : 0);
  return values;
}

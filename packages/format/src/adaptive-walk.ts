import type { Dense, Form, Masked, Shape, Shared } from '@pare/core';
import { type BitCoder, codeBits, codeGamma } from './bit-coder.ts';
import { type CodebookPlan, codeCodebook, codeStep } from './codebook.ts';
import { bitsOf } from './float-bits.ts';
import { FloatCoder } from './float-coder.ts';
import { codeLevels, LARGEST_LEVEL } from './level-coder.ts';
import { AdaptiveBits, Mixture } from './mixture.ts';
import { codePlaces, codePrior } from './place-coder.ts';
import { type Places, placesOf, type Scan, usualScan } from './places.ts';
import { SymbolCoder } from './symbol-coder.ts';

/** What the encoder knows and the decoder finds out. */
export interface Given {
  readonly form: Form;
  readonly scan: Scan;
  /** Of a shared form, or of a masked or dense one with few different values. */
  readonly shared?: GivenShared;
  /** Of the floats of a dense or masked form. */
  readonly mantissa: number;
}

export interface GivenShared {
  readonly form: Shared;
  readonly codebook: CodebookPlan;
  /** How the levels of a uniform codebook are written; undefined: as symbols. */
  readonly levels?: { readonly trellis: boolean };
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
  return { rowsAlive: undefined, kinds: new AdaptiveBits(6), alive: new Mixture([16 + 4, 27, 2], [40, 40, 40]) };
}

const KINDS = ['shared', 'masked', 'dense'] as const;

/** Contexts of `Memory.kinds`: is it not shared, is it dense, does it have few values, are they levels, by the trellis. */
const [NOT_SHARED, IS_DENSE, HAS_FEW, AS_LEVELS, BY_TRELLIS] = [1, 2, 3, 4, 5] as const;

/**
 * Walks one weight: its kind, how it is scanned, its alphabet, which rows and columns are alive, then for each place where
 * both are whether something is there and what.
 *
 * @param limit - most entries of a codebook
 */
export function codeWeight(coder: BitCoder, memory: Memory, shape: Shape, limit: number, given?: Given): Form {
  coder.enter?.('parameters');
  const { kinds } = memory;
  const kindIndex = given ? KINDS.indexOf(given.form.kind as (typeof KINDS)[number]) : 0;
  const kind = kinds.code(coder, NOT_SHARED, kindIndex > 0 ? 1 : 0)
    ? KINDS[1 + kinds.code(coder, IS_DENSE, kindIndex - 1)]!
    : 'shared';
  const few = kind === 'shared' || kinds.code(coder, HAS_FEW, given?.shared ? 1 : 0) === 1;
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (kind === 'dense' && !few) return { kind, values: codeFloats(coder, count, given) };

  // A vector is one row, so that its entries can be linked to the rows of the kernel before it.
  const isVector = shape.length < 2;
  const rowCount = isVector ? 1 : shape[0]!;
  const columnCount = rowCount === 0 ? 0 : count / rowCount;
  const matrix = { rowCount, columnCount, isVector, scan: codeScan(coder, memory, shape, columnCount, given?.scan) };
  if (!few) return codeMasked(coder, memory, matrix, given);

  const shared = codeShared(coder, memory, matrix, limit, given?.shared);
  if (kind === 'shared') return shared;
  const { codebook, indices, mask } = shared;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) if (mask[i] !== 0) values[i] = codebook[indices[i]!]!;
  return kind === 'masked' ? { kind, values, mask } : { kind, values };
}

interface Matrix {
  readonly isVector: boolean;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly scan: Scan;
}

function codeShared(coder: BitCoder, memory: Memory, matrix: Matrix, limit: number, given?: GivenShared): Shared {
  const count = matrix.rowCount * matrix.columnCount;
  const encoding = given !== undefined;
  const uniform = given?.codebook.uniform;
  const mask = given?.form.mask ?? new Uint8Array(count);
  if (memory.kinds.code(coder, AS_LEVELS, given?.levels ? 1 : 0) === 1) {
    const trellis = memory.kinds.code(coder, BY_TRELLIS, given?.levels?.trellis ? 1 : 0) === 1;
    coder.enter?.('codebook');
    const step = codeStep(coder, uniform);
    const largest =
      1 + codeGamma(coder, (uniform?.levels.reduce((most, level) => Math.max(most, Math.abs(level)), 1) ?? 1) - 1);
    if (largest > LARGEST_LEVEL) coder.fail('number-out-of-range', `a level of ${largest}`);
    const places = codeAlive(coder, memory, matrix, mask, encoding);
    const machines = trellis ? (matrix.scan.transposed || matrix.isVector ? 'lines' : 'columns') : 'none';
    const levels = new Int32Array(count);
    if (given) for (let i = 0; i < count; i++) if (mask[i] !== 0) levels[i] = uniform!.levels[given.form.indices[i]!]!;
    codeLevels(coder, places, levels, largest, machines, encoding);
    return given ? given.form : multiplesOf(coder, step, levels, limit);
  }
  coder.enter?.('codebook');
  const codebook = codeCodebook(coder, limit, given?.codebook);
  const places = codeAlive(coder, memory, matrix, mask, encoding);
  const indices = given?.form.indices ?? new Uint16Array(count);
  const negatives = bitsOf(codebook).reduce((sum, bits) => sum + (bits >>> 31), 0);
  // Where there is nothing no symbol is said, and no memory taken for a walk.
  if (places.lines.length > 0 && places.columns.length > 0) {
    if (codebook.length === 0) coder.fail('not-a-codebook', 'an empty codebook in use');
    codeSymbols(coder, places, mask, indices, negatives, codebook.length - negatives, encoding);
  }
  return { kind: 'shared', codebook, indices, mask };
}

/** Walks the places, and at each whether something is there and which entry of the codebook. */
function codeSymbols(
  coder: BitCoder,
  places: Places,
  mask: Uint8Array,
  indices: Uint16Array,
  negatives: number,
  positives: number,
  encoding: boolean,
): void {
  const prior = codePrior(coder, places, encoding ? countOf(mask) : 0);
  if (coder.walks) {
    coder.walks.symbols(places, prior, mask, indices, negatives, positives);
    return;
  }
  const symbols = new SymbolCoder(negatives, positives, places.extent, places.scan.width);
  codePlaces(coder, places, prior, mask, encoding, (coder, place, where) => {
    indices[place] = symbols.code(coder, indices[place]!, where);
    return symbols.negative ? -1 : 1;
  });
}

function countOf(mask: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) count++;
  return count;
}

/** The shared form of levels that are multiples of a step: its codebook has those that occur. */
function multiplesOf(coder: BitCoder, step: number, levels: Int32Array, limit: number): Shared {
  const distinct = new Set<number>();
  for (let i = 0; i < levels.length; i++) if (levels[i] !== 0) distinct.add(levels[i]!);
  const rank = new Map(Array.from(Int32Array.from(distinct).sort(), (level, i) => [level, i]));
  if (rank.size > Math.min(limit, 65536)) coder.fail('limit', `a codebook of ${rank.size} entries, more than ${limit}`);
  const indices = new Uint16Array(levels.length);
  const mask = new Uint8Array(levels.length);
  for (let i = 0; i < levels.length; i++) {
    if (levels[i] === 0) continue;
    mask[i] = 1;
    indices[i] = rank.get(levels[i]!)!;
  }
  return { kind: 'shared', codebook: Float32Array.from(rank.keys(), (level) => step * level), indices, mask };
}

function codeMasked(coder: BitCoder, memory: Memory, matrix: Matrix, given?: Given): Masked {
  const form = given?.form as Masked | undefined;
  const count = matrix.rowCount * matrix.columnCount;
  const mask = form?.mask ?? new Uint8Array(count);
  const values = form?.values ?? new Float32Array(count);
  const bits = bitsOf(values);
  const floats = new FloatCoder(coder, given?.mantissa);
  const encoding = form !== undefined;
  const places = codeAlive(coder, memory, matrix, mask, encoding);
  const prior = codePrior(coder, places, encoding ? countOf(mask) : 0);
  codePlaces(coder, places, prior, mask, encoding, (coder, place) => {
    const value = floats.code(coder, bits[place]!);
    if (!form) bits[place] = value;
    return value >>> 31 ? -1 : 1;
  });
  return { kind: 'masked', values, mask };
}

function codeFloats(coder: BitCoder, count: number, given?: Given): Float32Array {
  const floats = new FloatCoder(coder, given?.mantissa);
  coder.enter?.('values');
  const values = new Float32Array(count);
  const out = bitsOf(values);
  const source = given && bitsOf((given.form as Dense).values);
  for (let i = 0; i < count; i++) out[i] = floats.code(coder, source ? source[i]! : 0);
  return values;
}

/** How many columns belong to each row of the last kernel; 0 if they cannot. */
export function linkedColumns(rowsAlive: Uint8Array | undefined, columnCount: number): number {
  const rows = rowsAlive?.length ?? 0;
  return rows > 0 && columnCount % rows === 0 ? columnCount / rows : 0;
}

function codeScan(coder: BitCoder, memory: Memory, shape: Shape, columnCount: number, given?: Scan): Scan {
  if (shape.length < 2) return { transposed: false, width: 0, block: 1 };
  const usual = usualScan(shape, linkedColumns(memory.rowsAlive, columnCount));
  const scan = given ?? usual;
  const same = scan.transposed === usual.transposed && scan.width === usual.width && scan.block === usual.block;
  if (codeBits(coder, same ? 1 : 0, 1) === 1) return usual;
  const transposed = codeBits(coder, scan.transposed ? 1 : 0, 1) === 1;
  const width = codeGamma(coder, scan.width);
  const block = codeGamma(coder, scan.block - 1) + 1;
  if (width > columnCount) coder.fail('number-out-of-range', `neighbours ${width} apart in ${columnCount} columns`);
  return { transposed, width, block };
}

/** Which rows and columns have anything in them, and so the places to visit. */
function codeAlive(
  coder: BitCoder,
  memory: Memory,
  { rowCount, columnCount, scan }: Matrix,
  mask: Uint8Array,
  encoding: boolean,
): Places {
  coder.enter?.('alive');
  const { width } = scan;
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
  const perRow = linkedColumns(memory.rowsAlive, columnCount);
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
  return placesOf(rowsAlive, columnsAlive, scan);
}

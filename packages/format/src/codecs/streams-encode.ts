import type { Dense, Form, Forms, Masked, Shared } from '@pare/core';
import { encodeHuffman, huffmanSize } from '@pare/huffman';
import { encodeRans, ransSize } from '@pare/rans';
import { canonicalShared } from '../canonical-codebook.ts';
import type { FormOfShape, GroupEncoder } from '../contract.ts';
import { bitsOf, mantissaBits } from '../float-bits.ts';
import { planCodebook } from '../plan-codebook.ts';
import { countGaps, gapHistogram, toGaps } from '../relative-index.ts';
import { valueCodebook } from '../value-codebook.ts';
import {
  BITMAP,
  EVERYWHERE,
  FLOATS,
  FLOATS_SLOT,
  GAPS,
  HUFFMAN,
  KINDS,
  LEVELS_SLOT,
  LIST,
  PLACES_SLOT,
  RANS,
  RAW,
  SYMBOLS_SLOT,
  UNIFORM,
  widthOf,
  ZERO_IS_A_SYMBOL,
} from './_streams-layout.ts';
import type { Symbols } from './streams-decode.ts';

/** One way to write symbols, and what it would take, known from how often each symbol occurs. */
interface Coder {
  readonly method: number;
  /** Bytes. */
  size(histogram: Uint32Array): number;
  /** About as many bytes, in less time. */
  estimate(histogram: Uint32Array): number;
  encode(symbols: Symbols, alphabet: number): Uint8Array;
}

const huffman: Coder = { method: HUFFMAN, size: huffmanSize, estimate: huffmanSize, encode: encodeHuffman };
const rans: Coder = { method: RANS, size: ransSize, estimate: estimateRans, encode: encodeRans };

/** Tables for so few symbols are fitted at once. */
const SMALL_ALPHABET = 32;

/** Entropy, and half a byte for each symbol in the table: fitting a table takes a while, and most are not used. */
function estimateRans(histogram: Uint32Array): number {
  if (histogram.length <= SMALL_ALPHABET) return ransSize(histogram);
  let bits = 0;
  let total = 0;
  let used = 0;
  for (let i = 0; i < histogram.length; i++) {
    const count = histogram[i]!;
    if (count === 0) continue;
    bits -= count * Math.log2(count);
    total += count;
    used++;
  }
  return total === 0 ? 0 : Math.ceil((bits + total * Math.log2(total)) / 8 + used / 2 + 8);
}

/**
 * Encodes shared weights as a codebook, their places and their symbols, each in the form that takes least; fast to decode.
 *
 * @example
 * sharedStreams.encode({ kind: 'shared', codebook: Float32Array.of(-1, 1), indices: Uint16Array.of(0, 1), mask: Uint8Array.of(1, 1) }, [2]).length // 12
 */
export const sharedStreams: GroupEncoder<Shared> = encoderOf('shared', [huffman, rans]);

/** As {@link sharedStreams}, for weights that are masked but keep their own values: exponents are coded, mantissas mostly raw. */
export const maskedStreams: GroupEncoder<Masked> = encoderOf('masked', [huffman, rans]);

/** As {@link maskedStreams}, for dense ones, of which those that are zero count as pruned. Values of which there are few become a codebook. */
export const denseStreams: GroupEncoder<Dense> = encoderOf('dense', [huffman, rans]);

/** {@link sharedStreams} with Huffman codes only, as in the papers. */
export const sharedHuffman: GroupEncoder<Shared> = encoderOf('shared', [huffman]);

/** {@link maskedStreams} with Huffman codes only. */
export const maskedHuffman: GroupEncoder<Masked> = encoderOf('masked', [huffman]);

/** {@link denseStreams} with Huffman codes only. */
export const denseHuffman: GroupEncoder<Dense> = encoderOf('dense', [huffman]);

function encoderOf<K extends (typeof KINDS)[number]>(kind: K, coders: readonly Coder[]): GroupEncoder<Forms[K]> {
  const encodeGroup = (items: readonly FormOfShape[]): Uint8Array =>
    writeRecord(
      items.flatMap(({ form }) => planWeight(form, coders)),
      coders,
    );
  return { id: 'streams@1', kind, encode: (form, shape) => encodeGroup([{ form, shape }]), encodeGroup };
}

/** A piece of a record: bytes as they are, or symbols for a stream. */
type Piece = readonly number[] | Part;
interface Part {
  readonly slot: number;
  readonly width: number;
  readonly symbols: Symbols;
}

const isPart = (piece: Piece): piece is Part => 'slot' in piece;

/** Decides how to write one weight. */
function planWeight(form: Form, coders: readonly Coder[]): Piece[] {
  if (form.kind === 'shared') return planSymbols('shared', canonicalShared(form), coders);
  const { kind, values } = form as Dense | Masked;
  const bits = bitsOf(values);
  const given = form.kind === 'masked' ? (form as Masked).mask : undefined;
  const mask = new Uint8Array(values.length);
  for (let i = 0; i < mask.length; i++) mask[i] = (given ? given[i] : bits[i]) === 0 ? 0 : 1;

  const places = planPlaces(mask, coders);
  const kept = values.filter((_, i) => mask[i] !== 0);
  const asFloats = [[flagsOf(kind, places.where, FLOATS)], ...places.pieces, ...floatPieces(kept)];
  const few = valueCodebook(values, mask);
  return few ? cheaper(planSymbols(kind, few, coders), asFloats, coders) : asFloats;
}

function planSymbols(
  kind: (typeof KINDS)[number],
  { codebook, indices, mask }: Shared,
  coders: readonly Coder[],
): Piece[] {
  const { what, pieces: head } = planCodebookPieces(codebook, coders);
  const places = planPlaces(mask, coders);
  const symbols = codebook.length > 256 ? new Uint16Array(places.kept) : new Uint8Array(places.kept);
  for (let i = 0, next = 0; i < mask.length; i++) if (mask[i] !== 0) symbols[next++] = indices[i]!;
  const apart = [
    [flagsOf(kind, places.where, what)],
    ...head,
    ...places.pieces,
    ...part(SYMBOLS_SLOT, widthOf(codebook.length), symbols),
  ];
  if (places.where === EVERYWHERE || codebook.length >= 65536) return apart;

  const withZero = codebook.length >= 256 ? new Uint16Array(mask.length) : new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) withZero[i] = indices[i]! + 1;
  const together = [
    [flagsOf(kind, ZERO_IS_A_SYMBOL, what)],
    ...head,
    ...part(SYMBOLS_SLOT, widthOf(codebook.length + 1), withZero),
  ];
  return cheaper(apart, together, coders);
}

const flagsOf = (kind: (typeof KINDS)[number], where: number, what: number): number =>
  KINDS.indexOf(kind) + 3 * (where + 4 * what);

/** A stream, if anything needs to be said. */
const part = (slot: number, width: number, symbols: Symbols): Part[] =>
  width > 0 && symbols.length > 0 ? [{ slot, width, symbols }] : [];

/** Wider gaps would save few bridges and cost a table of thousands. */
const WIDEST_GAP = 12;

/** From so many values on gaps are at most a byte, which decodes fastest: short weights have the long gaps. */
const MANY = 2 ** 16;

interface Places {
  readonly where: number;
  readonly kept: number;
  readonly pieces: Piece[];
}

/** Everywhere, or whatever takes less: bits, or gaps of one width or another. */
function planPlaces(mask: Uint8Array, coders: readonly Coder[]): Places {
  const gaps = countGaps(mask);
  let kept = 0;
  for (const count of gaps.values()) kept += count;
  if (kept === mask.length) return { where: EVERYWHERE, kept, pieces: [] };

  const bitmap = new Uint8Array(Math.ceil(mask.length / 8));
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) bitmap[i >> 3]! |= 1 << (i & 7);
  const asBits = part(PLACES_SLOT, 8, bitmap);
  let best = costOf(asBits, coders);
  let bestWidth = 0;
  for (let width = 1; width <= (kept < MANY ? WIDEST_GAP : 8); width++) {
    const { histogram, total } = gapHistogram(gaps, width);
    const cost = 2 + streamSize(histogram, width, coders) + total * WEIGHT_OF_SYMBOL;
    if (cost < best) {
      best = cost;
      bestWidth = width;
    }
  }
  if (bestWidth === 0) return { where: BITMAP, kept, pieces: asBits };
  const symbols = toGaps(mask, bestWidth);
  return {
    where: GAPS,
    kept,
    pieces: [[bestWidth, ...varint(symbols.length)], ...part(PLACES_SLOT, bestWidth, symbols)],
  };
}

function planCodebookPieces(codebook: Float32Array, coders: readonly Coder[]): { what: number; pieces: Piece[] } {
  const count = varint(codebook.length);
  const list: Piece[] = [count, ...floatPieces(codebook)];
  const { uniform } = planCodebook(codebook);
  if (!uniform) return { what: LIST, pieces: list };
  const { step, levels } = uniform;
  const between = Array.from(levels.subarray(1), (level, i) => level - levels[i]! - 1);
  const width = widthOf(1 + between.reduce((a, b) => Math.max(a, b), 0));
  if (width > 16) return { what: LIST, pieces: list };
  const word = bitsOf(Float32Array.of(step))[0]!;
  const first = levels[0]!;
  const multiples: Piece[] = [
    [
      ...count,
      ...[0, 8, 16, 24].map((shift) => (word >>> shift) & 255),
      ...varint(first > 0 ? 2 * first - 1 : -2 * first),
      width,
    ],
    ...part(LEVELS_SLOT, width, width > 8 ? Uint16Array.from(between) : Uint8Array.from(between)),
  ];
  return cheaper(multiples, list, coders) === list
    ? { what: LIST, pieces: list }
    : { what: UNIFORM, pieces: multiples };
}

/** Exponents, and mantissas with the sign below in planes of eight bits from the top. */
function floatPieces(values: Float32Array): Piece[] {
  if (values.length === 0) return [];
  const mantissa = mantissaBits(values);
  const bits = bitsOf(values);
  const plane = (at: (bits: number) => number): Uint8Array => {
    const symbols = new Uint8Array(values.length);
    for (let i = 0; i < symbols.length; i++) symbols[i] = at(bits[i]!);
    return symbols;
  };
  const pieces: Piece[] = [
    [mantissa],
    ...part(
      FLOATS_SLOT,
      8,
      plane((word) => word >>> 23),
    ),
  ];
  for (let left = mantissa + 1, slot = FLOATS_SLOT + 1; left > 0; left -= 8, slot++) {
    const width = Math.min(8, left);
    const below = left - width; // bits of mantissa and sign in later planes
    const shift = 23 - mantissa;
    // With the sign below the mantissa, a float without its exponent is ((word & 0x7fffff) >> shift) · 2 + sign.
    pieces.push(
      ...part(
        slot,
        width,
        plane((word) => ((((word & 0x7fffff) >>> shift) * 2 + (word >>> 31)) >>> below) & (2 ** width - 1)),
      ),
    );
  }
  return pieces;
}

/** Symbols in a row that share a stream, and how it is written. */
interface Run {
  readonly parts: Part[];
  histogram: Uint32Array;
  /** Bytes of the head and the symbols. */
  size: number;
}

/** Puts the pieces in order; parts of the same slot share a stream while that takes less. */
function writeRecord(pieces: readonly Piece[], coders: readonly Coder[]): Uint8Array {
  const runs = new Map<Part, Run>(); // by their first part
  const latest: (Run | undefined)[] = [];
  for (const piece of pieces) {
    if (!isPart(piece)) continue;
    const histogram = histogramOf(piece);
    const size = streamSize(histogram, piece.width, coders);
    const run = latest[piece.slot];
    if (run && run.parts[0]!.width === piece.width) {
      const joint = histogram.map((count, symbol) => count + run.histogram[symbol]!);
      const jointSize = streamSize(joint, piece.width, coders);
      if (jointSize <= run.size + size) {
        run.parts.push(piece);
        run.histogram = joint;
        run.size = jointSize;
        continue;
      }
    }
    runs.set(piece, (latest[piece.slot] = { parts: [piece], histogram, size }));
  }

  const bytes: (Uint8Array | readonly number[])[] = [];
  for (const piece of pieces) {
    if (!isPart(piece)) bytes.push(piece);
    else if (runs.has(piece)) bytes.push(...writeStream(runs.get(piece)!, coders));
  }
  const record = new Uint8Array(bytes.reduce((size, { length }) => size + length, 0));
  bytes.reduce((offset, part) => {
    record.set(part, offset);
    return offset + part.length;
  }, 0);
  return record;
}

function writeStream({ parts, histogram }: Run, coders: readonly Coder[]): (Uint8Array | readonly number[])[] {
  const { width, symbols: needed } = parts[0]!;
  const total = parts.reduce((sum, { symbols }) => sum + symbols.length, 0);
  let symbols = needed;
  if (parts.length > 1) {
    symbols = width > 8 ? new Uint16Array(total) : new Uint8Array(total);
    let offset = 0;
    for (const part of parts) {
      symbols.set(part.symbols, offset);
      offset += part.symbols.length;
    }
  }
  const { coder } = choose(histogram, width, coders, (each) => each.size(histogram));
  const head = varint((coder?.method ?? RAW) + 3 * (total - needed.length));
  if (coder) {
    const coded = coder.encode(symbols, 2 ** width);
    return [head, varint(coded.length), coded];
  }
  if (width <= 8) return [head, symbols as Uint8Array];
  const raw = new Uint8Array(2 * total);
  symbols.forEach((symbol, i) => {
    raw[2 * i] = symbol;
    raw[2 * i + 1] = symbol >> 8;
  });
  return [head, raw];
}

/** Huffman codes take no more symbols in a stream, and so no coder is asked for more. */
const MOST_CODED = 2 ** 27;

/** What a stream takes with its head, about; only when it is written is the coder chosen exactly. */
const streamSize = (histogram: Uint32Array, width: number, coders: readonly Coder[]): number =>
  choose(histogram, width, coders, (coder) => coder.estimate(histogram)).size;

/** Which coder takes least, by some measure; none of them: raw. */
function choose(
  histogram: Uint32Array,
  width: number,
  coders: readonly Coder[],
  measure: (coder: Coder) => number,
): { readonly coder: Coder | undefined; readonly size: number } {
  let total = 0;
  for (let i = 0; i < histogram.length; i++) total += histogram[i]!;
  let best: Coder | undefined;
  let size = 1 + total * (width > 8 ? 2 : 1);
  for (const coder of total <= MOST_CODED ? coders : []) {
    const coded = measure(coder);
    if (1 + varint(coded).length + coded < size) {
      size = 1 + varint(coded).length + coded;
      best = coder;
    }
  }
  return { coder: best, size };
}

function histogramOf({ width, symbols }: Part): Uint32Array {
  const histogram = new Uint32Array(2 ** width);
  for (let i = 0; i < symbols.length; i++) histogram[symbols[i]!]!++;
  return histogram;
}

const sizeOf = (pieces: readonly Piece[], coders: readonly Coder[]): number =>
  pieces.reduce(
    (size, piece) => size + (isPart(piece) ? streamSize(histogramOf(piece), piece.width, coders) : piece.length),
    0,
  );

/**
 * What a symbol weighs, in bytes: it takes a decoder some 2.5 ns, in which a line of 100 Mbit/s brings 1/32 of a byte. So a tenth
 * of the places with gaps between them are preferred to all places, unless those are smaller by more than they take longer.
 */
const WEIGHT_OF_SYMBOL = 1 / 32;

const costOf = (pieces: readonly Piece[], coders: readonly Coder[]): number =>
  pieces.reduce(
    (cost, piece) => cost + (isPart(piece) ? piece.symbols.length * WEIGHT_OF_SYMBOL : 0),
    sizeOf(pieces, coders),
  );

const cheaper = (a: Piece[], b: Piece[], coders: readonly Coder[]): Piece[] =>
  costOf(b, coders) < costOf(a, coders) ? b : a;

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];

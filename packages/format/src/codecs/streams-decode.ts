import type { Form, Shape } from '@pare/core';
import type { DecodeOptions, TracingDecoder } from '../contract.ts';
import { corrupt } from '../corrupt.ts';
import { countOf } from '../count.ts';
import { located } from '../located.ts';
import {
  BITMAP,
  FLOATS,
  FLOATS_SLOT,
  GAPS,
  HUFFMAN,
  KINDS,
  LEVELS_SLOT,
  LIST,
  PLACES_SLOT,
  RAW,
  SYMBOLS_SLOT,
  UNIFORM,
  widthOf,
  ZERO_IS_A_SYMBOL,
} from './_streams-layout.ts';

export type Symbols = Uint8Array | Uint16Array;

/**
 * Reads as many coded symbols as `out` has room for.
 *
 * @param bytes - all that belongs to them
 * @throws an Error named CorruptDataError if `bytes` are not just that
 */
export type SymbolDecoder = (bytes: Uint8Array, count: number, alphabet: number, out: Symbols) => unknown;

/** The entropy coders that a stream may be written with. */
export interface SymbolDecoders {
  readonly huffman: SymbolDecoder;
  readonly rans: SymbolDecoder;
}

/** A decoder that takes records of several weights, and can go straight to floats. */
export type DenseDecoder = TracingDecoder & Required<Pick<TracingDecoder, 'decodeGroup' | 'decodeDense'>>;

/**
 * Makes the decoder of `streams@1` from two entropy coders: plain ones, or those in WebAssembly.
 *
 * @example
 * streamsWith({ huffman() {}, rans() {} }).id // 'streams@1'
 */
export function streamsWith(coders: SymbolDecoders): DenseDecoder {
  const decodeGroup = (bytes: Uint8Array, shapes: readonly Shape[], options?: DecodeOptions): Form[] =>
    readRecord(coders, bytes, shapes, options, formOf);
  return {
    id: 'streams@1',
    decode: (bytes, shape, options) => decodeGroup(bytes, [shape], options)[0]!,
    decodeGroup,
    decodeDense: (bytes, shapes, into, options) =>
      readRecord(coders, bytes, shapes, options, (content, index) => toDense(content, into(index))),
  };
}

/** What a file says of a weight. */
interface Content {
  readonly kind: (typeof KINDS)[number];
  readonly count: number;
  readonly where: number;
  /** Bits or gaps, if `where` says so. */
  readonly places: Symbols;
  /** The longest gap. */
  readonly longest: number;
  /** Of those that are somewhere: floats, or symbols. */
  readonly values: Float32Array | Symbols;
  readonly codebook: Float32Array | undefined;
  /** Symbol of the codebook's first entry. */
  readonly first: number;
}

function formOf(content: Content): Form {
  const { kind, count, codebook, first, values } = content;
  if (kind === 'dense') return { kind, values: toDense(content, new Float32Array(count)) };
  const kept = new Uint8Array(values.length);
  for (let i = 0; i < kept.length; i++) kept[i] = first && !values[i] ? 0 : 1;
  const mask = spread({ ...content, values: kept }, new Uint8Array(count));
  if (kind === 'masked') return { kind, values: toDense(content, new Float32Array(count)), mask };
  const entries = new Uint16Array(first + codebook!.length).map((_, symbol) => symbol && symbol - first);
  return { kind, codebook: codebook!, indices: spread(content, new Uint16Array(count), entries), mask };
}

function toDense(content: Content, out: Float32Array): Float32Array {
  const { codebook, first } = content;
  if (!codebook) return spread(content, out);
  const table = new Float32Array(first + codebook.length);
  table.set(codebook, first);
  return spread(content, out, table);
}

/** Zeros are written so many at a time, just before the values among them, so that memory is walked once: 16 kB as floats. */
const STRIDE = 4096;

/** Puts the values, or what a table has for them, where they belong, and zeros everywhere else. */
function spread<T extends Float32Array | Symbols>(content: Content, out: T, table?: Float32Array | Symbols): T {
  const { where, places, longest, values, count } = content;
  let next = 0;
  // Invariant: all before `cleared` is written, but for values still to come; no value is written at or beyond it.
  let cleared = 0;
  const clearTo = (place: number): void => {
    while (cleared <= place) out.fill(0, cleared, (cleared += STRIDE));
  };
  if (where === GAPS) {
    for (let i = 0, place = 0; i < places.length; i++) {
      const gap = places[i]!;
      place += gap;
      if (gap === longest) continue;
      if (place >= cleared) clearTo(place);
      out[place++] = table ? table[values[next++]!]! : values[next++]!;
    }
  } else if (where === BITMAP) {
    for (let i = 0; i < places.length; i++) {
      if (8 * i + 7 >= cleared) clearTo(8 * i + 7);
      for (let bits = places[i]!; bits; bits &= bits - 1) {
        out[8 * i + 31 - Math.clz32(bits & -bits)] = table ? table[values[next++]!]! : values[next++]!;
      }
    }
  } else {
    for (; next < count; next++) out[next] = table ? table[values[next]!]! : values[next]!;
    cleared = count;
  }
  clearTo(count - 1);
  return out;
}

/** A stream with symbols left. */
interface OpenStream {
  readonly symbols: Symbols;
  readonly width: number;
  readonly bitsPerSymbol: number;
  used: number;
}

/** What reports call the slots; floats have the last name. */
const NAMES = ['places', 'symbols', 'codebook', 'values'] as const;

/** Reads a record from its first byte to its last, and lets `use` have each weight. */
function readRecord<T>(
  coders: SymbolDecoders,
  bytes: Uint8Array,
  shapes: readonly Shape[],
  { maxCodebook = 65536, trace }: DecodeOptions = {},
  use: (content: Content, index: number) => T,
): T[] {
  // No slot has more symbols than there are numbers, which is checked before memory is taken.
  const most = shapes.reduce((sum, shape) => sum + countOf(shape), 0);
  const open: (OpenStream | undefined)[] = [];
  let at = 0;
  let current = 0; // weight
  let inStreams = 0; // bytes of streams so far

  const fail = (code: string): never => corrupt(code, at, code.replaceAll('-', ' '));
  const readByte = (): number => (at < bytes.length ? bytes[at++]! : fail('truncated'));
  /** Seven bits a byte, lowest first, the top bit set on all but the last. */
  const readVarint = (limit: number): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = readByte();
      value += (byte & 127) * unit;
      if (value > limit || unit > limit + 1) fail('number-out-of-range');
      if (byte < 128) return value;
    }
  };

  const begin = (width: number, needed: number): OpenStream => {
    const start = at;
    const head = readVarint(3 * most);
    const method = head % 3;
    const count = needed + (head - method) / 3;
    if (count > most || width > 16) fail('too-many-symbols');
    const wide = width > 8 ? 1 : 0;
    const symbols = wide ? new Uint16Array(count) : new Uint8Array(count);
    const size = method === RAW ? count << wide : readVarint(bytes.length);
    const coded = bytes.subarray(at, at + size);
    if (coded.length < size) fail('truncated');
    if (method === RAW) for (let i = 0; i < size; i++) symbols[i >> wide]! |= coded[i]! << (8 * (i & wide));
    else located(at, '', () => coders[method === HUFFMAN ? 'huffman' : 'rans'](coded, count, 2 ** width, symbols));
    at += size;
    inStreams += at - start;
    return { symbols, width, bitsPerSymbol: (8 * (at - start)) / count, used: 0 };
  };

  /** The next symbols of a slot: of the stream that is open there, or of one that begins here. */
  const take = (slot: number, width: number, count: number, name = NAMES[Math.min(slot, FLOATS_SLOT)]!): Symbols => {
    if (!width || !count) return new Uint8Array(count);
    const stream = (open[slot] ??= begin(width, count));
    const { symbols, used } = stream;
    stream.used += count;
    if (width !== stream.width || stream.used > symbols.length) fail('not-this-stream');
    if (stream.used === symbols.length) open[slot] = undefined;
    trace?.(name, count * stream.bitsPerSymbol, current);
    return symbols.subarray(used, used + count);
  };

  const readFloats = (count: number, name?: (typeof NAMES)[number]): Float32Array => {
    const words = new Uint32Array(count);
    if (!count) return new Float32Array();
    const mantissa = readByte();
    if (mantissa > 23) fail('number-out-of-range');
    // exponent:8 mantissa:m sign:1, the planes from the top
    for (let slot = FLOATS_SLOT, left = 9 + mantissa; left > 0; slot++, left -= 8) {
      const width = Math.min(8, left);
      const plane = take(slot, width, count, name);
      for (let i = 0; i < count; i++) words[i] = (words[i]! << width) | plane[i]!;
    }
    for (let i = 0; i < count; i++) words[i] = (words[i]! << 31) | ((words[i]! >>> 1) << (23 - mantissa));
    return new Float32Array(words.buffer);
  };

  const readCodebook = (what: number, numbers: number): Float32Array => {
    // Entries that are not in use are not written, so there are no more than numbers.
    const count = readVarint(Math.min(numbers, maxCodebook));
    if (what === LIST) return readFloats(count, 'codebook');
    const step = new DataView(Uint8Array.from({ length: 4 }, readByte).buffer).getFloat32(0, true);
    const rank = readVarint(2 ** 25);
    let level = rank % 2 ? (rank + 1) / 2 : -rank / 2;
    const gaps = take(LEVELS_SLOT, readByte(), Math.max(0, count - 1));
    return Float32Array.from({ length: count }, (_, i) => step * (i ? (level += gaps[i - 1]! + 1) : level));
  };

  const readWeight = (count: number): Content => {
    const flags = readByte();
    const kind = KINDS[flags % 3]!;
    const where = Math.floor(flags / 3) & 3;
    const what = Math.floor(flags / 12);
    const first = where === ZERO_IS_A_SYMBOL ? 1 : 0;
    if (what > UNIFORM || (what === FLOATS && (first || kind === 'shared'))) fail('not-a-form');
    const codebook = what === FLOATS ? undefined : readCodebook(what, count);

    let places: Symbols = new Uint8Array();
    let longest = 0;
    let kept = count;
    let end = 0; // behind the last value
    if (where === BITMAP) {
      places = take(PLACES_SLOT, 8, Math.ceil(count / 8));
      kept = 0;
      for (let i = 0; i < places.length; i++) {
        for (let bits = places[i]!; bits; bits &= bits - 1) kept++;
        if (places[i]) end = 8 * i + 32 - Math.clz32(places[i]!);
      }
    } else if (where === GAPS) {
      const width = readByte();
      longest = 2 ** width - 1;
      places = take(PLACES_SLOT, width, readVarint(count));
      kept = places.length;
      for (let i = 0; i < places.length; i++) {
        end += places[i]!;
        if (places[i] === longest) kept--;
      }
      end += kept;
    }
    if (end > count) fail('beyond-the-end');

    const alphabet = first + (codebook?.length ?? 0);
    const values = codebook ? take(SYMBOLS_SLOT, widthOf(alphabet), kept) : readFloats(kept);
    if (codebook) for (let i = 0; i < kept; i++) if (values[i]! >= alphabet) fail('not-in-codebook');
    return { kind, count, where, places, longest, values, codebook, first };
  };

  const results = shapes.map((shape, index) => {
    const start = at - inStreams;
    current = index;
    const content = readWeight(countOf(shape));
    trace?.('parameters', 8 * (at - inStreams - start), index);
    return use(content, index);
  });
  if (at < bytes.length || open.some((stream) => stream)) fail('trailing-data');
  return results;
}

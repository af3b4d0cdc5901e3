import { CorruptDataError, elementCount, type Form, type Shape } from '@pare/core';
import type { GroupDecodeOptions, TracingDecoder } from '../contract.ts';
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
  const eachWeight = <T>(
    bytes: Uint8Array,
    shapes: readonly Shape[],
    options: GroupDecodeOptions,
    use: (content: Content, index: number) => T,
  ): T[] => {
    const record = new RecordReader(bytes, coders, shapes, options);
    const results = shapes.map((shape, index) => use(record.next(elementCount(shape), index), index));
    record.expectEnd();
    return results;
  };
  const decodeGroup = (bytes: Uint8Array, shapes: readonly Shape[], options: GroupDecodeOptions = {}): Form[] =>
    eachWeight(bytes, shapes, options, formOf);
  return {
    id: 'streams@1',
    decode: (bytes, shape, { trace, ...options } = {}) =>
      decodeGroup(
        bytes,
        [shape],
        trace ? { ...options, trace: (_, stream, bits) => trace(stream, bits) } : options,
      )[0]!,
    decodeGroup,
    decodeDense: (bytes, shapes, into, options = {}) =>
      eachWeight(bytes, shapes, options, (content, index) => toDense(content, into(index))),
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
  const mask = new Uint8Array(count);
  if (codebook) spread(content, mask, new Uint8Array(first + codebook.length).fill(1, first));
  else spread({ ...content, values: new Uint8Array(values.length).fill(1) }, mask);
  if (kind === 'masked') return { kind, values: toDense(content, new Float32Array(count)), mask };
  const entries = Uint16Array.from({ length: first + codebook!.length }, (_, symbol) => Math.max(0, symbol - first));
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
      for (let bits = places[i]!; bits !== 0; bits &= bits - 1) {
        out[8 * i + 31 - Math.clz32(bits & -bits)] = table ? table[values[next++]!]! : values[next++]!;
      }
    }
  } else {
    for (; next < count; next++) out[next] = table ? table[values[next]!]! : values[next]!;
    return out;
  }
  clearTo(count - 1);
  return out;
}

/** A stream with symbols left. */
interface OpenStream {
  readonly symbols: Symbols;
  readonly bitsPerSymbol: number;
  readonly width: number;
  used: number;
}

/** Reads a record from its first byte to its last. */
class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #coders: SymbolDecoders;
  readonly #options: GroupDecodeOptions;
  /** There are never more symbols in a slot than weights; this is checked before memory is taken. */
  readonly #most: number;
  readonly #open: (OpenStream | undefined)[] = [];
  #at = 0;
  #index = 0;

  constructor(bytes: Uint8Array, coders: SymbolDecoders, shapes: readonly Shape[], options: GroupDecodeOptions) {
    this.#bytes = bytes;
    this.#coders = coders;
    this.#options = options;
    this.#most = shapes.reduce((sum, shape) => sum + elementCount(shape), 0);
  }

  /** Reads a weight of `count` numbers. */
  next(count: number, index: number): Content {
    this.#index = index;
    const flags = this.#byte('parameters');
    const kind = KINDS[flags % 3]!;
    const where = Math.floor(flags / 3) & 3;
    const what = Math.floor(flags / 12);
    const first = where === ZERO_IS_A_SYMBOL ? 1 : 0;
    if (what > UNIFORM || (what === FLOATS && (first > 0 || kind === 'shared')))
      this.#fail('not-a-form', `flags ${flags}`);
    const codebook = what === FLOATS ? undefined : this.#codebook(what, count);

    let places: Symbols = new Uint8Array();
    let longest = 0;
    let kept = count;
    if (where === BITMAP) {
      places = this.#take('bitmap', PLACES_SLOT, 8, Math.ceil(count / 8));
      kept = 0;
      for (let i = 0; i < places.length; i++) for (let bits = places[i]!; bits !== 0; bits &= bits - 1) kept++;
      if (count % 8 > 0 && places[places.length - 1]! >> (count % 8)) this.#beyond();
    } else if (where === GAPS) {
      const width = this.#byte('parameters');
      places = this.#take('gaps', PLACES_SLOT, width, this.#varint('parameters', count));
      longest = 2 ** width - 1;
      kept = places.length;
      let end = 0;
      for (let i = 0; i < places.length; i++) {
        end += places[i]!;
        if (places[i] === longest) kept--;
      }
      if (end + kept > count) this.#beyond();
    }

    if (!codebook) {
      return { kind, count, where, places, longest, first, codebook, values: this.#floats('values', kept) };
    }
    const alphabet = first + codebook.length;
    const values = this.#take('symbols', SYMBOLS_SLOT, widthOf(alphabet), kept);
    for (let i = 0; i < kept; i++) if (values[i]! >= alphabet) this.#fail('symbol-out-of-range', `symbol ${values[i]}`);
    return { kind, count, where, places, longest, first, codebook, values };
  }

  expectEnd(): void {
    if (this.#at < this.#bytes.length || this.#open.some((stream) => stream)) {
      this.#fail('trailing-data', 'there is more data than expected');
    }
  }

  #codebook(what: number, most: number): Float32Array {
    // Entries that are not in use are not written, so there are no more than weights.
    const count = this.#varint('codebook', Math.min(most, this.#options.maxCodebook ?? 65536));
    if (what === LIST) return this.#floats('codebook', count);
    let word = 0;
    for (let i = 0; i < 32; i += 8) word |= this.#byte('codebook') << i;
    const step = new Float32Array(Int32Array.of(word).buffer)[0]!;
    const rank = this.#varint('codebook', 2 ** 25);
    let level = rank % 2 ? (rank + 1) / 2 : -rank / 2;
    const gaps = this.#take('codebook', LEVELS_SLOT, this.#byte('codebook'), Math.max(0, count - 1));
    return Float32Array.from({ length: count }, (_, i) => step * (i > 0 ? (level += gaps[i - 1]! + 1) : level));
  }

  #floats(name: string, count: number): Float32Array {
    if (count === 0) return new Float32Array();
    const mantissa = this.#byte(name);
    if (mantissa > 23) this.#fail('number-out-of-range', `${mantissa} mantissa bits`);
    const exponents = this.#take(name, FLOATS_SLOT, 8, count);
    const words = Uint32Array.from(exponents);
    for (let left = mantissa + 1, slot = FLOATS_SLOT + 1; left > 0; left -= 8, slot++) {
      const width = Math.min(8, left);
      const plane = this.#take(name, slot, width, count);
      for (let i = 0; i < count; i++) words[i] = (words[i]! << width) | plane[i]!;
    }
    // exponent:8 mantissa:m sign:1
    for (let i = 0; i < count; i++) words[i] = (words[i]! << 31) | ((words[i]! >>> 1) << (23 - mantissa));
    return new Float32Array(words.buffer);
  }

  /** The next symbols of a slot: of the stream that is open there, or of one that begins here. */
  #take(name: string, slot: number, width: number, count: number): Symbols {
    if (width > 16) this.#fail('number-out-of-range', `symbols of ${width} bits`);
    if (width === 0 || count === 0) return new Uint8Array(count);
    const stream = this.#open[slot] ?? this.#begin(name, width, count);
    const { symbols, used } = stream;
    if (width !== stream.width || used + count > symbols.length)
      this.#fail('count-too-large', 'a stream of another weight');
    this.#options.trace?.(this.#index, name, count * stream.bitsPerSymbol);
    stream.used += count;
    this.#open[slot] = stream.used < symbols.length ? stream : undefined;
    return symbols.subarray(used, used + count);
  }

  #begin(name: string, width: number, needed: number): OpenStream {
    const start = this.#at;
    const head = this.#varint('', 3 * this.#most);
    const method = head % 3;
    const count = needed + (head - method) / 3;
    if (count > this.#most) this.#fail('count-too-large', `${count} symbols for ${this.#most} weights`);
    const bytesPerSymbol = width > 8 ? 2 : 1;
    const left = this.#bytes.length - this.#at;
    const size = method === RAW ? count * bytesPerSymbol : this.#varint('', left);
    if (size > this.#bytes.length - this.#at) this.#fail('truncated', 'the data ends early');
    const bytes = this.#bytes.subarray(this.#at, this.#at + size);
    const symbols = width > 8 ? new Uint16Array(count) : new Uint8Array(count);
    if (method === RAW) {
      for (let i = 0; i < size; i++) symbols[i >> (width > 8 ? 1 : 0)]! |= bytes[i]! << (width > 8 ? 8 * (i & 1) : 0);
    } else {
      const decode = method === HUFFMAN ? this.#coders.huffman : this.#coders.rans;
      located(this.#at, name, () => decode(bytes, count, 2 ** width, symbols));
    }
    this.#at += size;
    return { symbols, bitsPerSymbol: (8 * (this.#at - start)) / count, width, used: 0 };
  }

  #byte(name: string): number {
    if (this.#at >= this.#bytes.length) this.#fail('truncated', 'the data ends early');
    if (name) this.#options.trace?.(this.#index, name, 8);
    return this.#bytes[this.#at++]!;
  }

  /** Seven bits a byte, lowest first, the top bit set on all but the last. */
  #varint(name: string, most: number): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#byte(name);
      value += (byte & 127) * unit;
      if (value > most || unit > 2 ** 28) this.#fail('number-out-of-range', `a number over ${most}`);
      if (byte < 128) return value;
    }
  }

  #beyond(): never {
    this.#fail('count-too-large', 'an entry beyond the last weight');
  }

  #fail(code: string, explanation: string): never {
    throw new CorruptDataError(code, this.#at, explanation);
  }
}

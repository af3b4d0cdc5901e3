// The walks of `adaptive@1` over all places of a matrix, and the arithmetic coder and mixtures below them: twins of
// src/{arithmetic-decode, arithmetic-encode, mixture, place-coder, symbol-coder, level-coder}.ts, which say what is done and why.
// Here is only what differs: memory by hand, both directions of the coder in one function, dot products four at a time.
//
// Memory:  STRETCH i32[4096]  SQUASH u16[4096]  RATE i32[256]  TRUST i32[256]  LEARNING i32[641]  NEXT u8[16]     written by the host
//          OUT u8[65536]      what the encoder has written and not yet flushed
//          HEAP               the decoder's bytes, then what one walk needs, cleared before each

const STRETCH: usize = 0;
const SQUASH: usize = 16384;
const RATE: usize = 24576;
const TRUST: usize = 25600;
const LEARNING: usize = 26624;
const NEXT: usize = 29696;
const OUT: usize = 65536;
const OUT_SIZE: u32 = 65536;
const HEAP: usize = 131072;

const MOST_SEEN: i32 = 250;
const LARGEST_WEIGHT: i32 = 1048575;

/** Takes a chunk of encoded bytes. */
@external("host", "flush")
declare function flush(pointer: usize, size: u32): void;

// ── memory ──

let top: usize = HEAP;

/** Memory of `size` bytes, not cleared; what was taken after it is given back by `release`. */
export function allocate(size: usize): usize {
  const pointer = top;
  top = (top + size + 15) & ~15;
  const pages = <i32>((top + 65535) >>> 16);
  if (pages > memory.size() && memory.grow(pages - memory.size()) < 0) unreachable();
  return pointer;
}

export function release(pointer: usize): void {
  top = pointer;
}

function cleared(size: usize): usize {
  const pointer = allocate(size);
  memory.fill(pointer, 0, size);
  return pointer;
}

// ── coder ──

/** 0: fine; 1: the data ended early; 2: a level over the largest. */
export let failure: i32 = 0;
export let range: u32 = 0;
export let code: u32 = 0;
export let next: usize = 0;
let end: usize = 0;
let encoding: bool = false;
let low: u64 = 0;
let held: i32 = -1;
let ones: u32 = 0;
export let written: u32 = 0; // in OUT

/** Begins to decode `size` bytes at `pointer`, which must stay there. */
export function startDecoding(pointer: usize, size: u32): void {
  encoding = false;
  failure = 0;
  next = pointer;
  end = pointer + size;
  range = 0xffffffff;
  code = 0;
  for (let i = 0; i < 4; i++) code = (code << 8) | nextByte();
}

export function startEncoding(): void {
  encoding = true;
  failure = 0;
  low = 0;
  range = 0xffffffff;
  held = -1;
  ones = 0;
  written = 0;
}

/** The bits of `low`, of which there may be 33, in two numbers. */
export function lowTop(): u32 {
  return <u32>(low >> 32);
}

export function lowRest(): u32 {
  return <u32>low;
}

/** Ends the stream with a number that the host has found in the interval. */
export function finish(carry: u32, rest: u32): void {
  low = ((<u64>carry) << 32) | rest;
  for (let i = 0; i < 5; i++) shift();
}

/** Bytes held back. */
export function waiting(): u32 {
  return ones;
}

function nextByte(): u32 {
  const at = next++;
  if (at < end) return load<u8>(at);
  if (at >= end + 4) failure = 1;
  return 0;
}

function put(byte: u32): void {
  if (written === OUT_SIZE) {
    flush(OUT, written);
    written = 0;
  }
  store<u8>(OUT + written++, byte);
}

function shift(): void {
  const carry = <u32>(low >> 32);
  const byte = <u32>((low >> 24) & 0xff);
  if (carry !== 0 || byte !== 0xff) {
    if (held >= 0) put(held + carry);
    for (; ones > 0; ones--) put(0xff + carry);
    held = byte;
  } else {
    ones++;
  }
  low = (low & 0xffffff) << 8;
}

/** @param probability - that the bit is 1, in units of 2⁻¹⁶ */
export function codeBit(bit: i32, probability: u32): i32 {
  const bound = <u32>(((<u64>range) * probability) >> 16);
  if (encoding) {
    if (bit) {
      range = bound;
    } else {
      low += bound;
      range -= bound;
    }
    while (range < 0x1000000) {
      range <<= 8;
      shift();
    }
    return bit;
  }
  let result = 1;
  if (code < bound) {
    range = bound;
  } else {
    code -= bound;
    range -= bound;
    result = 0;
  }
  while (range < 0x1000000) {
    range <<= 8;
    code = (code << 8) | nextByte();
  }
  return result;
}

// ── mixture ──

// A context is P in the lower half of 32 bits and n in the upper. The host's inputs and the tables fill up to a multiple of four each:
// with inputs of zero, and with tables of one context whose weight is zero and (the input being zero or multiplied by zero) has
// no say; a weight that starts as zero there is set back to it after every bit by a mask.

@unmanaged
class Mixture {
  inputs: usize = 0; // i32[], the host's, then those of the tables
  weights: usize = 0; // i32[]
  masks: usize = 0; // i32[]: all ones where there is an input
  slots: usize = 0; // i32[], by table
  starts: usize = 0; // usize[]: where each table's contexts begin
  found: usize = 0; // usize[]: where each current context is
  own: u32 = 0; // in bytes, like the next two
  tables: u32 = 0;
  all: u32 = 0;
  bits: u32 = 0;
}

function newMixture(own: u32, tables: u32): Mixture {
  const mixture = changetype<Mixture>(cleared(offsetof<Mixture>()));
  mixture.own = ((own + 3) & ~3) << 2;
  mixture.tables = ((tables + 3) & ~3) << 2;
  mixture.all = mixture.own + mixture.tables;
  mixture.inputs = cleared(mixture.all);
  mixture.weights = cleared(mixture.all);
  mixture.masks = cleared(mixture.all);
  mixture.slots = cleared(mixture.tables);
  mixture.starts = cleared(mixture.tables);
  mixture.found = cleared(mixture.tables);
  const none = newContexts(1);
  for (let i: u32 = 0; i < mixture.tables; i += 4) store<usize>(mixture.starts + i, none);
  return mixture;
}

/** Gives one of the host's inputs its weight, in hundredths. */
function weigh(mixture: Mixture, index: u32, hundredths: i32): void {
  weighAt(mixture, index << 2, hundredths);
}

function weighAt(mixture: Mixture, offset: u32, hundredths: i32): void {
  store<i32>(mixture.weights + offset, (hundredths * 65536) / 100);
  store<i32>(mixture.masks + offset, -1);
}

/** Adds a table of so many contexts, with its weight. */
function addTable(mixture: Mixture, index: u32, size: u32, hundredths: i32): void {
  store<usize>(mixture.starts + (index << 2), newContexts(size));
  weighAt(mixture, mixture.own + (index << 2), hundredths);
}

function newContexts(size: u32): usize {
  const contexts = allocate(size << 2);
  for (let i: u32 = 0; i < size; i++) store<u32>(contexts + (i << 2), 32768);
  return contexts;
}

@inline
function setInput(mixture: Mixture, index: u32, value: i32): void {
  store<i32>(mixture.inputs + (index << 2), value);
}

@inline
function setSlot(mixture: Mixture, index: u32, value: i32): void {
  store<i32>(mixture.slots + (index << 2), value);
}

@inline
function stretch(index: u32): i32 {
  return load<i32>(STRETCH + (index << 2));
}

@inline
function contextAt(starts: usize, slots: usize, offset: u32): usize {
  return load<usize>(starts + offset) + (load<u32>(slots + offset) << 2);
}

@inline
function ofProbability(context: usize): usize {
  return STRETCH + ((<usize>load<u16>(context) >>> 4) << 2);
}

@inline
function ofCount(table: usize, context: usize): usize {
  return table + (<usize>load<u16>(context, 2) << 2);
}

@inline
function fourOf(a: usize, b: usize, c: usize, d: usize): v128 {
  let four = v128.load32_zero(a);
  four = v128.load_lane<u32>(b, four, 1);
  four = v128.load_lane<u32>(c, four, 2);
  return v128.load_lane<u32>(d, four, 3);
}

function mix(mixture: Mixture, bit: i32): i32 {
  const own = mixture.own;
  const tables = mixture.tables;
  const inputs = mixture.inputs;
  const weights = mixture.weights;
  const found = mixture.found;
  const starts = mixture.starts;
  const slots = mixture.slots;
  let sums = i32x4.splat(0);
  for (let i: u32 = 0; i < own; i += 16) {
    sums = i32x4.add(sums, i32x4.shr_s(i32x4.mul(v128.load(weights + i), v128.load(inputs + i)), 8));
  }
  for (let i: u32 = 0; i < tables; i += 16) {
    const a = contextAt(starts, slots, i);
    const b = contextAt(starts, slots, i + 4);
    const c = contextAt(starts, slots, i + 8);
    const d = contextAt(starts, slots, i + 12);
    store<usize>(found + i, a);
    store<usize>(found + i, b, 4);
    store<usize>(found + i, c, 8);
    store<usize>(found + i, d, 12);
    const logits = fourOf(ofProbability(a), ofProbability(b), ofProbability(c), ofProbability(d));
    const trust = fourOf(ofCount(TRUST, a), ofCount(TRUST, b), ofCount(TRUST, c), ofCount(TRUST, d));
    const four = i32x4.shr_s(i32x4.mul(logits, trust), 8);
    v128.store(inputs + own + i, four);
    sums = i32x4.add(sums, i32x4.shr_s(i32x4.mul(v128.load(weights + own + i), four), 8));
  }
  const sum =
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
  const logit = min(max(sum >> 8, -2047), 2047);
  const probability = <i32>load<u16>(SQUASH + ((logit + 2048) << 1));

  const result = codeBit(bit, probability);

  const errors = i32x4.splat((result << 16) - probability);
  const bits = mixture.bits;
  const rates = i32x4.splat(load<i32>(LEARNING + (bits << 2)));
  mixture.bits = bits + (bits < 640 ? 1 : 0);
  const all = mixture.all;
  const masks = mixture.masks;
  for (let i: u32 = 0; i < all; i += 16) {
    const scaled = i32x4.shr_s(i32x4.mul(v128.load(inputs + i), errors), 10);
    const changed = i32x4.add(v128.load(weights + i), i32x4.shr_s(i32x4.mul(scaled, rates), 6));
    const within = i32x4.max_s(i32x4.splat(-LARGEST_WEIGHT), i32x4.min_s(i32x4.splat(LARGEST_WEIGHT), changed));
    v128.store(weights + i, v128.and(within, v128.load(masks + i)));
  }
  const targets = i32x4.splat(result ? 65535 : 0);
  for (let i: u32 = 0; i < tables; i += 16) {
    const a = load<usize>(found + i);
    const b = load<usize>(found + i, 4);
    const c = load<usize>(found + i, 8);
    const d = load<usize>(found + i, 12);
    const states = fourOf(a, b, c, d);
    const rate = fourOf(ofCount(RATE, a), ofCount(RATE, b), ofCount(RATE, c), ofCount(RATE, d));
    const before = v128.and(states, i32x4.splat(0xffff));
    const moved = i32x4.add(before, i32x4.shr_s(i32x4.mul(i32x4.sub(targets, before), rate), 16));
    const seen = i32x4.shr_u(states, 16);
    const more = i32x4.min_s(i32x4.add(seen, i32x4.splat(1)), i32x4.splat(MOST_SEEN));
    const after = v128.or(v128.and(moved, i32x4.splat(0xffff)), i32x4.shl(more, 16));
    v128.store_lane<u32>(a, after, 0);
    v128.store_lane<u32>(b, after, 1);
    v128.store_lane<u32>(c, after, 2);
    v128.store_lane<u32>(d, after, 3);
  }
  return result;
}

@inline
function learn(context: usize, target: i32): void {
  const state = load<u32>(context);
  const seen = state >>> 16;
  const probability = <i32>(state & 0xffff);
  const moved = probability + (((target - probability) * load<i32>(RATE + (seen << 2))) >> 16);
  store<u32>(context, (moved & 0xffff) | (<u32>min(<i32>seen + 1, MOST_SEEN) << 16));
}

/** A bit in a context that is alone. */
function codeAdaptive(context: usize, bit: i32): i32 {
  const result = codeBit(bit, min(max(load<u32>(context) & 0xffff, 64), 65472));
  learn(context, result ? 65535 : 0);
  return result;
}

// ── what both walks need ──

/** Counts stay below 2²⁸, so all this is exact. */
function logitOf(numerator: f64, denominator: i32): i32 {
  return stretch(<u32>min(max(<i32>(numerator / <f64>denominator), 1), 4095));
}

@inline
function clampTo(value: i32, bound: i32): i32 {
  return max(-bound, min(bound, value));
}

@inline
function fiveSteps(sum: i32): i32 {
  return sum < -2 ? 0 : sum < 0 ? 1 : sum === 0 ? 2 : sum < 3 ? 3 : 4;
}

@inline
function int(array: usize, index: i32): i32 {
  return load<i32>(array + (index << 2));
}

@inline
function setInt(array: usize, index: i32, value: i32): void {
  store<i32>(array + (index << 2), value);
}

@inline
function sign(signs: usize, index: i32): i32 {
  return load<i8>(signs + index);
}

@inline
function odd(signs: usize, index: i32): i32 {
  return load<i8>(signs + index) & 1;
}

/** The five densities: of this column, this line, the columns beside, everything, and a constant. */
function setDensities(
  mixture: Mixture,
  kept: usize,
  at: i32,
  width: i32,
  line: i32,
  j: i32,
  inLine: i32,
  things: i32,
  seen: i32,
  prior: i32,
): void {
  const density = <i32>((<f64>things * 4096 + <f64>(prior * 64)) / <f64>(seen + 64));
  const beside = int(kept, at - 1) + int(kept, at + 1) + (width > 0 ? int(kept, at - width) + int(kept, at + width) : 0);
  setInput(mixture, 0, logitOf(<f64>int(kept, at) * 4096 + <f64>(3 * density), line + 3));
  setInput(mixture, 1, logitOf(<f64>inLine * 4096 + <f64>(8 * density), j + 8));
  setInput(mixture, 2, logitOf(<f64>beside * 4096 + <f64>(4 * density), (width > 0 ? 4 : 2) * line + 4));
  setInput(mixture, 3, stretch(<u32>min(max(density, 1), 4095)));
  setInput(mixture, 4, 256);
}

function shapeOf(signs: usize, at: i32, width: i32): i32 {
  return (
    odd(signs, at - 1) +
    2 * odd(signs, at - 2) +
    (width > 0 ? 4 * odd(signs, at - width) + 8 * odd(signs, at - width - 1) : 0) +
    (width > 1 ? 16 * odd(signs, at - width + 1) : 0)
  );
}

@inline
function lanesOf(inColumn: i32, inLine: i32, line: i32, j: i32): i32 {
  return (
    8 * min<i32>(7, <i32>(<u32>(inColumn * 16) / <u32>(line + 2))) +
    min<i32>(7, <i32>(<u32>(inLine * 16) / <u32>(j + 4)))
  );
}

// ── symbols: place-coder.ts with symbol-coder.ts ──

/** ⌈log2 count⌉, 0 for none. */
function treeDepth(count: i32): i32 {
  return count > 1 ? 32 - clz(count - 1) : 0;
}

/**
 * @param lines - i32[lineCount], like columns
 * @param prior - density to start from; 0: something is at every place
 * @param mask - u8[], like indices (u16[]) by place; read when encoding, else written where something is
 */
export function walkSymbols(
  lines: usize,
  lineCount: i32,
  columns: usize,
  columnCount: i32,
  lineStride: i32,
  columnStride: i32,
  extent: i32,
  width: i32,
  block: i32,
  prior: i32,
  mask: usize,
  indices: usize,
  negatives: i32,
  positives: i32,
): void {
  const mark = top;
  const margin = width + 2;
  const span = extent + 2 * margin;
  const kept = cleared(span << 2);
  const signs = cleared(span);
  const columnSigns = cleared((extent + 2) << 2);
  const columnLevels = cleared(extent);
  const presence = newMixture(5, 4);
  weigh(presence, 0, 50);
  weigh(presence, 1, 50);
  weigh(presence, 2, 30);
  weigh(presence, 3, -30);
  weigh(presence, 4, 20);
  addTable(presence, 0, 32, 15);
  addTable(presence, 1, 64, 15);
  addTable(presence, 2, 96, 15);
  addTable(presence, 3, 64, 15);
  const signing = newMixture(0, 5);
  addTable(signing, 0, 1, 30);
  addTable(signing, 1, 9, 30);
  addTable(signing, 2, 25, 30);
  addTable(signing, 3, 9, 30);
  addTable(signing, 4, 49, 30);
  const nodes = 1 << treeDepth(max(negatives, positives));
  const ranking = newMixture(0, 5);
  addTable(ranking, 0, nodes, 40);
  addTable(ranking, 1, 2 * nodes, 30);
  addTable(ranking, 2, 17 * nodes, 20);
  addTable(ranking, 3, 17 * nodes, 20);
  addTable(ranking, 4, 4 * nodes, 20);

  let things = 0;
  let seen = 0;
  for (let line = 0; line < lineCount; line++) {
    const base = int(lines, line) * lineStride;
    const lastLine = line === lineCount - 1;
    memory.fill(signs, 0, span);
    let inLine = 0;
    let inBlock = 0;
    let blockIndex = -1;
    let recent = 0;
    let lineSigns = 0;
    let lastSign = 0;
    let lastLevel = 0;
    for (let j = 0; j < columnCount; j++) {
      const column = int(columns, j);
      const at = column + margin;
      const place = base + column * columnStride;
      const inColumn = int(kept, at);
      const ofBlock = column / block;
      const phase = column - ofBlock * block;
      if (ofBlock !== blockIndex) {
        blockIndex = ofBlock;
        inBlock = 0;
      }
      let bit = 1;
      if (prior > 0 && !(lastLine && inColumn === 0) && !(j === columnCount - 1 && inLine === 0)) {
        setDensities(presence, kept, at, width, line, j, inLine, things, seen, prior);
        setSlot(presence, 0, shapeOf(signs, at, width));
        setSlot(presence, 1, lanesOf(inColumn, inLine, line, j));
        setSlot(presence, 2, min(31, recent >> 5) * 3 + odd(signs, at - 1) + (width > 0 ? odd(signs, at - width) : 0));
        setSlot(presence, 3, block > 1 ? min(3, inBlock) * 16 + min(15, phase) : 0);
        bit = mix(presence, load<u8>(mask + place));
      }
      seen++;
      recent -= recent >> 3;
      if (bit === 0) continue;
      if (!encoding) store<u8>(mask + place, 1);
      recent += 128;
      things++;
      inLine++;
      inBlock++;
      setInt(kept, at, inColumn + 1);

      const index = <i32>load<u16>(indices + (place << 1));
      const ofColumn = int(columnSigns, column + 1);
      let negative = negatives > 0;
      if (negative && positives > 0) {
        const left = sign(signs, at - 1);
        const above = width > 0 ? sign(signs, at - width) : 0;
        const around =
          2 * left +
          sign(signs, at - 2) +
          (width > 0
            ? 2 * above +
              sign(signs, at - width - 1) +
              sign(signs, at - width + 1) +
              (at >= 2 * width ? sign(signs, at - 2 * width) : 0)
            : 0);
        const ofColumns = ofColumn + int(columnSigns, column) + int(columnSigns, column + 2);
        setSlot(signing, 0, 0);
        setSlot(signing, 1, (left + 1) * 3 + above + 1);
        setSlot(signing, 2, fiveSteps(ofColumn) * 5 + fiveSteps(lineSigns));
        setSlot(signing, 3, (lastSign + 1) * 3 + clampTo(ofColumn, 1) + 1);
        setSlot(signing, 4, (clampTo(around, 3) + 3) * 7 + clampTo(ofColumns, 3) + 3);
        negative = mix(signing, index < negatives ? 1 : 0) === 1;
      }
      const given = negative ? negatives - 1 - index : index - negatives;
      const count = negative ? negatives : positives;
      const depth = treeDepth(count);
      let node = 1;
      for (let height = depth - 1; height >= 0; height--) {
        node *= 2;
        if (((node + 1) << height) - (1 << depth) >= count) continue;
        const parent = node >> 1;
        setSlot(ranking, 0, parent);
        setSlot(ranking, 1, (negative ? nodes : 0) + parent);
        setSlot(ranking, 2, lastLevel * nodes + parent);
        setSlot(ranking, 3, <i32>load<u8>(columnLevels + column) * nodes + parent);
        setSlot(ranking, 4, min(3, recent >> 8) * nodes + parent);
        node += mix(ranking, (given >> height) & 1);
      }
      const rank = node - (1 << depth);
      const thisSign = negative ? -1 : 1;
      store<i8>(signs + at, thisSign);
      setInt(columnSigns, column + 1, ofColumn + thisSign);
      lineSigns += thisSign;
      lastSign = thisSign;
      lastLevel = 1 + (nodes > 16 ? (rank * 16) / nodes : rank);
      store<u8>(columnLevels + column, lastLevel);
      if (!encoding) store<u16>(indices + (place << 1), negative ? negatives - 1 - rank : negatives + rank);
    }
  }
  top = mark;
}

// ── levels: level-coder.ts ──

const BUCKETS: i32 = 22;
const UNIT: i32 = 12;
const LARGEST_SIZE: i32 = 65535;
const SIZES: i32 = 48;
const BELOW: i32 = 0;
const UP: i32 = BUCKETS;
const DOWN: i32 = 2 * BUCKETS;
const QUESTIONS: i32 = 3 * BUCKETS;

function bucketOf(size: i32): i32 {
  return 32 - clz(size);
}

function sizeStep(mean: i32): i32 {
  const sixteenths = mean >> (UNIT - 4);
  if (sixteenths < 8) return sixteenths >> 1;
  const octave = 31 - clz(sixteenths);
  return min(SIZES - 1, 4 * (octave - 2) + ((sixteenths >> (octave - 2)) & 3));
}

/**
 * @param levels - i32[] by place; read when encoding, else written where not zero. Others as in `walkSymbols`
 * @param machines - of the trellis: 0 none, 1 of lines, 2 of columns
 */
export function walkLevels(
  lines: usize,
  lineCount: i32,
  columns: usize,
  columnCount: i32,
  lineStride: i32,
  columnStride: i32,
  extent: i32,
  width: i32,
  block: i32,
  prior: i32,
  levels: usize,
  largest: i32,
  machines: i32,
): void {
  const mark = top;
  const trellis = machines !== 0;
  const ofColumns = machines === 2;
  const lastBucket = bucketOf(trellis ? (largest + 1) >> 1 : largest);
  const presence = newMixture(5, 9);
  weigh(presence, 0, 30);
  weigh(presence, 1, 30);
  weigh(presence, 2, 20);
  weigh(presence, 3, -20);
  weigh(presence, 4, 10);
  addTable(presence, 0, 2, 15);
  for (let i = 1; i < 6; i++) addTable(presence, i, 2 * SIZES, i === 5 ? 20 : 15);
  addTable(presence, 6, 64, 15);
  addTable(presence, 7, 128, 15);
  addTable(presence, 8, 64, 10);
  const bySize = 2 * QUESTIONS * SIZES;
  const bucketing = newMixture(0, 7);
  addTable(bucketing, 0, 2 * QUESTIONS, 20);
  for (let i = 1; i < 6; i++) addTable(bucketing, i, bySize, i === 5 ? 30 : 20);
  addTable(bucketing, 6, 256 * QUESTIONS, 20);
  const leading = newMixture(0, 3);
  addTable(leading, 0, 16 * BUCKETS, 30);
  addTable(leading, 1, 8 * BUCKETS * SIZES, 30);
  addTable(leading, 2, 8 * BUCKETS * SIZES, 40);
  const rest = newContexts(BUCKETS * BUCKETS);
  const signing = newMixture(0, 4);
  addTable(signing, 0, 9, 30);
  addTable(signing, 1, 25, 30);
  addTable(signing, 2, 81, 30);
  addTable(signing, 3, 49, 30);

  const margin = width + 2;
  const span = extent + 2 * margin;
  const kept = cleared(span << 2);
  const columnMean = cleared(span << 2);
  const columnSigns = cleared(span << 2);
  const sizes = cleared(span << 2);
  const signs = cleared(span);
  const sizesBefore = cleared(span << 2);
  const signsBefore = cleared(span);
  const states = cleared(ofColumns ? extent : 0);
  let mean = prior;
  let things = 0;
  let seen = 0;

  for (let line = 0; line < lineCount; line++) {
    const base = int(lines, line) * lineStride;
    const lastLine = line === lineCount - 1;
    const deadBefore = line > 0 ? int(lines, line) - int(lines, line - 1) - 1 : 0;
    let state = 0;
    let passed = 0;
    let lineMean = mean;
    let inLine = 0;
    let lineSigns = 0;
    let blockIndex = -1;
    let blockMean = mean;
    let blockSeen = 0;
    let inBlock = 0;
    for (let j = 0; j < columnCount; j++) {
      const column = int(columns, j);
      const at = column + margin;
      const place = base + column * columnStride;
      let half = 0;
      if (trellis) {
        if (ofColumns) state = load<u8>(states + column);
        for (let i = (ofColumns ? deadBefore : column - passed) & 3; i > 0; i--) state = load<u8>(NEXT + 2 * state);
        passed = column + 1;
        half = state & 1;
      }
      const ofBlock = column / block;
      const phase = column - ofBlock * block;
      if (ofBlock !== blockIndex) {
        blockIndex = ofBlock;
        blockMean = mean;
        blockSeen = 0;
        inBlock = 0;
      }

      const hasAbove = width > 0 && phase >= width;
      const beforeSum = 2 * int(sizes, at - 1) + int(sizes, at - 2) + (hasAbove ? 2 * int(sizes, at - width) : 0);
      const beforeMean = (beforeSum << UNIT) / (hasAbove ? 5 : 3);
      const ofColumn = line === 0 ? mean : int(columnMean, at);
      const around =
        block > 1
          ? blockMean
          : (2 * int(sizesBefore, at) + int(sizesBefore, at - 1) + int(sizesBefore, at + 1)) << (UNIT - 2);
      const expected = 3 * (lineMean >> 3) + 3 * (ofColumn >> 3) + 2 * (around >> 3);
      const byLine = sizeStep(lineMean);
      const byColumn = sizeStep(ofColumn);
      const byBefore = sizeStep(beforeMean);
      const byAround = sizeStep(around);
      const byAll = sizeStep(expected);

      const level = encoding ? int(levels, place) : 0;
      const givenSize = trellis ? (abs(level) + half) >> 1 : abs(level);
      const inColumn = int(kept, at);
      let size = 1;
      if (!(lastLine && inColumn === 0) && !(j === columnCount - 1 && inLine === 0)) {
        setDensities(presence, kept, at, width, line, j, inLine, things, seen, prior);
        setSlot(presence, 0, half);
        setSlot(presence, 1, 2 * byLine + half);
        setSlot(presence, 2, 2 * byColumn + half);
        setSlot(presence, 3, 2 * byBefore + half);
        setSlot(presence, 4, 2 * byAround + half);
        setSlot(presence, 5, 2 * byAll + half);
        setSlot(presence, 6, 32 * half + shapeOf(signs, at, width));
        setSlot(presence, 7, 64 * half + lanesOf(inColumn, inLine, line, j));
        setSlot(presence, 8, block > 1 ? 16 * min(3, inBlock) + min(15, phase) : 0);
        size = mix(presence, givenSize > 0 ? 1 : 0);
      }

      let thisSign = 0;
      if (size > 0) {
        const givenBucket = bucketOf(givenSize);
        const both = 16 * min(15, byAll >> 1) + min(15, byBefore >> 1);
        let bucket = max(1, min(lastBucket, bucketOf(expected >> UNIT)));
        let question = bucket > 1 ? BELOW : UP;
        while (question === BELOW || (question === UP ? bucket < lastBucket : bucket > 1)) {
          const node = question + bucket;
          const nodeAndHalf = 2 * node + half;
          setSlot(bucketing, 0, nodeAndHalf);
          setSlot(bucketing, 1, 2 * QUESTIONS * byLine + nodeAndHalf);
          setSlot(bucketing, 2, 2 * QUESTIONS * byColumn + nodeAndHalf);
          setSlot(bucketing, 3, 2 * QUESTIONS * byBefore + nodeAndHalf);
          setSlot(bucketing, 4, 2 * QUESTIONS * byAround + nodeAndHalf);
          setSlot(bucketing, 5, 2 * QUESTIONS * byAll + nodeAndHalf);
          setSlot(bucketing, 6, QUESTIONS * both + node);
          if (question === BELOW) {
            question = mix(bucketing, givenBucket < bucket ? 1 : 0) === 1 ? DOWN : UP;
            if (question === DOWN) bucket--;
          } else {
            if (mix(bucketing, givenBucket === bucket ? 1 : 0) === 1) break;
            bucket += question === UP ? 1 : -1;
          }
        }
        size = 1;
        for (let height = bucket - 2; height >= 0; height--) {
          const bit = (givenSize >> height) & 1;
          if (size < 8) {
            const node = 8 * bucket + size;
            setSlot(leading, 0, 2 * node + half);
            setSlot(leading, 1, SIZES * node + byAll);
            setSlot(leading, 2, SIZES * node + byAround);
            size = 2 * size + mix(leading, bit);
          } else {
            size = 2 * size + codeAdaptive(rest + ((BUCKETS * bucket + height) << 2), bit);
          }
        }

        const left = sign(signs, at - 1);
        const above = hasAbove ? sign(signs, at - width) : 0;
        const inColumnSigns = int(columnSigns, at);
        const near =
          2 * left +
          sign(signs, at - 2) +
          (width > 0 ? 2 * sign(signs, at - width) + sign(signs, at - width - 1) + sign(signs, at - width + 1) : 0);
        const columnsSigns = inColumnSigns + int(columnSigns, at - 1) + int(columnSigns, at + 1);
        const pair = 3 * (left + 1) + above + 1;
        setSlot(signing, 0, pair);
        setSlot(signing, 1, 5 * fiveSteps(inColumnSigns) + fiveSteps(lineSigns));
        setSlot(signing, 2, 9 * pair + 3 * (sign(signsBefore, at) + 1) + clampTo(inColumnSigns, 1) + 1);
        setSlot(signing, 3, 7 * (clampTo(near, 3) + 3) + clampTo(columnsSigns, 3) + 3);
        thisSign = mix(signing, level < 0 ? 1 : 0) === 1 ? -1 : 1;

        const found = trellis ? 2 * size - half : size;
        if (found > largest && failure === 0) failure = 2;
        if (!encoding) setInt(levels, place, thisSign * found);
        things++;
        inLine++;
        inBlock++;
        setInt(kept, at, inColumn + 1);
        setInt(columnSigns, at, inColumnSigns + thisSign);
        lineSigns += thisSign;
      }

      if (trellis) {
        state = load<u8>(NEXT + 2 * state + (size & 1));
        if (ofColumns) store<u8>(states + column, state);
      }
      const counted = min(LARGEST_SIZE, size);
      const scaled = counted << UNIT;
      setInt(sizes, at, counted);
      store<i8>(signs + at, thisSign);
      lineMean += (scaled - lineMean) / (j + 5);
      setInt(columnMean, at, ofColumn + (scaled - ofColumn) / (line + 4));
      blockMean += (scaled - blockMean) / (blockSeen + 3);
      blockSeen++;
      mean += (scaled - mean) / min(seen + 8, 65536);
      seen++;
    }
    memory.copy(sizesBefore, sizes, span << 2);
    memory.copy(signsBefore, signs, span);
    memory.fill(sizes, 0, span << 2);
    memory.fill(signs, 0, span);
  }
  top = mark;
}

// A mixture of contexts that predicts a bit and learns from it: twin of src/mixture.ts, dot products four at a time.

import { codeBit } from './coder';
import { allocate, cleared, LEARNING, RATE, SQUASH, STRETCH, TRUST } from './memory';

const MOST_SEEN: i32 = 250;
const LARGEST_WEIGHT: i32 = 1048575;

// A context is P in the lower half of 32 bits and n in the upper. The host's inputs and the tables fill up to a multiple of four each:
// with inputs of zero, and with tables of one context whose weight is zero and (the input being zero or multiplied by zero) has
// no say; a weight that starts as zero there is set back to it after every bit by a mask.
@unmanaged
export class Mixture {
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

export function newMixture(own: u32, tables: u32): Mixture {
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
export function weigh(mixture: Mixture, index: u32, hundredths: i32): void {
  weighAt(mixture, index << 2, hundredths);
}

function weighAt(mixture: Mixture, offset: u32, hundredths: i32): void {
  store<i32>(mixture.weights + offset, (hundredths * 65536) / 100);
  store<i32>(mixture.masks + offset, -1);
}

/** Adds a table of so many contexts, with its weight. */
export function addTable(mixture: Mixture, index: u32, size: u32, hundredths: i32): void {
  store<usize>(mixture.starts + (index << 2), newContexts(size));
  weighAt(mixture, mixture.own + (index << 2), hundredths);
}

export function newContexts(size: u32): usize {
  const contexts = allocate(size << 2);
  for (let i: u32 = 0; i < size; i++) store<u32>(contexts + (i << 2), 32768);
  return contexts;
}

@inline
export function setInput(mixture: Mixture, index: u32, value: i32): void {
  store<i32>(mixture.inputs + (index << 2), value);
}

@inline
export function setSlot(mixture: Mixture, index: u32, value: i32): void {
  store<i32>(mixture.slots + (index << 2), value);
}

@inline
export function stretch(index: u32): i32 {
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

export function mix(mixture: Mixture, bit: i32): i32 {
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
export function codeAdaptive(context: usize, bit: i32): i32 {
  const result = codeBit(bit, min(max(load<u32>(context) & 0xffff, 64), 65472));
  learn(context, result ? 65535 : 0);
  return result;
}

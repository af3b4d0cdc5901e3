// The binary arithmetic coder: twin of src/arithmetic-{decode, encode}.ts, both directions in one function.

import { OUT, OUT_SIZE } from './memory';

/** Takes a chunk of encoded bytes. */
@external("host", "flush")
declare function flush(pointer: usize, size: u32): void;

/** 0: fine; 1: the data ended early; 2: a level over the largest; 3: more bits than may be. Walks end where it is not 0. */
export let failure: i32 = 0;
export let range: u32 = 0;
export let code: u32 = 0;
export let next: usize = 0;
let end: usize = 0;
export let encoding: bool = false;
let low: u64 = 0;
let held: i32 = -1;
let ones: u32 = 0;
export let written: u32 = 0; // in OUT
export let bits: u32 = 0; // so far
let most: u32 = 0;

/** Begins to decode `size` bytes at `pointer`, which must stay there, and at most `mostBits` bits. */
export function startDecoding(pointer: usize, size: u32, mostBits: u32): void {
  bits = 0;
  most = mostBits;
  encoding = false;
  failure = 0;
  next = pointer;
  end = pointer + size;
  range = 0xffffffff;
  code = 0;
  for (let i = 0; i < 4; i++) code = (code << 8) | nextByte();
}

export function startEncoding(): void {
  bits = 0;
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

/** Notes that a level is over the largest, if nothing was wrong before. */
export function levelTooLarge(): void {
  if (failure === 0) failure = 2;
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
  bits++;
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
  if (bits > most && failure === 0) failure = 3;
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

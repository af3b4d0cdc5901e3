import type { Random } from '../../packages/core/src/index.ts';

/** Inputs do not grow beyond it: long ones take time and find nothing new. */
const MOST_BYTES = 2 ** 17;

/** Lengths and counts that were chosen to break something. */
const EXTREMES = [
  0,
  1,
  127,
  128,
  255,
  256,
  32767,
  32768,
  65535,
  65536,
  2 ** 24,
  2 ** 28,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

/** Words of formats that are text or hold names. */
const WORDS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'length',
  '../x',
  '{"__proto__":{"polluted":1}}',
  '[]',
  '{}',
  'null',
  'true',
  '1e999',
  '-1',
  '0.5',
  '268435456',
  '4294967296',
  '9007199254740993',
  '"',
  ']',
  '\0',
];

/**
 * Damages an input in one to four ways.
 *
 * @param others - to splice with
 */
export function mutate(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let damaged = bytes;
  const times = 1 + random.integer(4);
  for (let i = 0; i < times; i++) {
    damaged = MUTATIONS[random.integer(MUTATIONS.length)]!(random, damaged, others).subarray(0, MOST_BYTES);
  }
  return damaged.slice();
}

type Mutation = (random: Random, bytes: Uint8Array, others: readonly Uint8Array[]) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  flip,
  flip,
  truncate,
  insert,
  remove,
  duplicate,
  splice,
  overwrite,
  overwrite,
  varint,
  word,
  digits,
];

function flip(random: Random, bytes: Uint8Array): Uint8Array {
  const flipped = bytes.slice();
  for (let i = random.integer(8); i >= 0 && bytes.length > 0; i--) {
    flipped[place(random, bytes)]! ^= 1 << random.integer(8);
  }
  return flipped;
}

function truncate(random: Random, bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, random.integer(bytes.length + 1));
}

function insert(random: Random, bytes: Uint8Array): Uint8Array {
  const filler = [0, 0xff, undefined][random.integer(3)];
  const length = 1 + random.integer(random.integer(8) === 0 ? 300 : 8);
  return replace(
    bytes,
    random.integer(bytes.length + 1),
    0,
    Uint8Array.from({ length }, () => filler ?? random.integer(256)),
  );
}

function remove(random: Random, bytes: Uint8Array): Uint8Array {
  return replace(bytes, random.integer(bytes.length + 1), 1 + random.integer(16), new Uint8Array(0));
}

function duplicate(random: Random, bytes: Uint8Array): Uint8Array {
  const from = random.integer(bytes.length + 1);
  const part = bytes.subarray(from, from + 1 + random.integer(64));
  return replace(bytes, random.integer(bytes.length + 1), random.integer(2) * part.length, part);
}

function splice(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const other = others[random.integer(others.length)]!;
  const end = random.integer(bytes.length + 1);
  // Often at the same place, so that structures meet.
  const from = random.integer(2) === 0 ? Math.min(end, other.length) : random.integer(other.length + 1);
  return replace(bytes, end, bytes.length, other.subarray(from));
}

/** An extreme number in the place of another, in any width and order of bytes. */
function overwrite(random: Random, bytes: Uint8Array): Uint8Array {
  const number = new Uint8Array(8);
  const view = new DataView(number.buffer);
  const value = EXTREMES[random.integer(EXTREMES.length)]! + (random.integer(4) === 0 ? random.integer(7) - 3 : 0);
  const little = random.integer(2) === 0;
  const width = [1, 2, 4, 8][random.integer(4)]!;
  if (width === 1) number[0] = value;
  else if (width === 2) view.setUint16(0, value, little);
  else if (width === 4) view.setUint32(0, value, little);
  else view.setBigUint64(0, BigInt(Math.max(0, value)) << BigInt(random.integer(3) === 0 ? 21 : 0), little);
  return replace(bytes, place(random, bytes), width, number.subarray(0, width));
}

/** A number in groups of seven bits, as long as one dares. */
function varint(random: Random, bytes: Uint8Array): Uint8Array {
  const number = Uint8Array.from({ length: 1 + random.integer(10) }, () => 0x80 | random.integer(128));
  number[number.length - 1]! &= 0x7f;
  return replace(bytes, place(random, bytes), random.integer(3), number);
}

function word(random: Random, bytes: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(WORDS[random.integer(WORDS.length)]!);
  return replace(bytes, place(random, bytes), random.integer(2) * text.length, text);
}

/** Another number in the place of one that is written in digits. */
function digits(random: Random, bytes: Uint8Array): Uint8Array {
  const isDigit = (i: number): boolean => bytes[i]! >= 0x30 && bytes[i]! <= 0x39;
  let start = place(random, bytes);
  for (let i = 0; i < 200 && start < bytes.length && !isDigit(start); i++) start++;
  if (start >= bytes.length || !isDigit(start)) return flip(random, bytes);
  let end = start;
  while (isDigit(end)) end++;
  const number = random.integer(3) === 0 ? -1 - random.integer(9) : EXTREMES[random.integer(EXTREMES.length)]!;
  return replace(bytes, start, end - start, new TextEncoder().encode(String(number)));
}

/** Half of the damage goes to the first bytes, where formats say how long everything is. */
const place = (random: Random, bytes: Uint8Array): number =>
  random.integer(Math.max(1, random.integer(2) === 0 ? Math.min(64, bytes.length) : bytes.length));

function replace(bytes: Uint8Array, start: number, length: number, part: Uint8Array): Uint8Array {
  const rest = bytes.subarray(Math.min(bytes.length, start + length));
  const made = new Uint8Array(start + part.length + rest.length);
  made.set(bytes.subarray(0, start));
  made.set(part, start);
  made.set(rest, start + part.length);
  return made;
}

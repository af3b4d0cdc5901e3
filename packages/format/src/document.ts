import type { BitCoder } from './bit-coder.ts';

/** Plain data, as JSON knows it. */
export type Plain = null | boolean | number | string | readonly Plain[] | PlainObject;
export type PlainObject = { readonly [key: string]: Plain };

/** What the value of a key is expected to be, from what is known of its object so far. A list is expected item by item. */
export type Guess = (key: string, object: PlainObject) => unknown;

/** Codes one value after another; each is learned from by all that follow. When decoding, `given` is ignored. */
export type DocumentCoder = (coder: BitCoder, given?: Plain, guess?: Guess) => Plain;

/** Contexts that vote on each bit, each in a table of 2¹⁶ slots. */
const TABLES = 6;

/**
 * Bits in a document, at most: about a second's work. Bits that are certain cost so little that a few bytes could ask for any
 * amount of them, and of memory.
 */
const MOST_BITS = 2 ** 21;

/** Values within values are refused beyond this depth: they would overflow the stack of whoever visits them. */
const MOST_LEVELS = 100;

/** Sorts of value; those from CONSTANT on are the constants themselves. */
const SAME = 0;
const TEXT = 1;
const NUMBER = 2;
const LIST = 3;
const OBJECT = 4;
const REAL = 5;
const CONSTANT = 6;
const CONSTANTS: readonly Plain[] = [false, true, null];

/** A new list of keys is coded as if it stood here. */
const KEYS = 1;

/**
 * Walks plain data: names, shapes, topologies. What a value is (the same as before, a text, a number, …), its size and its
 * letters are bits, and each bit is predicted by a vote of what was seen in six contexts: at this place, under this key, after
 * those values. Texts and lists of keys that were there before are told by their number.
 *
 * All that is learned is counted and multiplied in float64, in the order in which it stands here, so any machine predicts the
 * same; logarithm and exponential are taken of a few thousand values and rounded to whole numbers far from any tie.
 *
 * @see Mahoney 2005, "Adaptive weighing of context models for lossless data compression" (logistic mixing)
 */
export function documentCoder(): DocumentCoder {
  // Less one half: pages of zeros cost nothing until they are used.
  const chances = new Float64Array(TABLES << 16);
  const seen = new Uint8Array(TABLES << 16);
  const slots: number[] = [];
  const logits: number[] = [];
  // How much each context's word counts: among letters, and among all else. The last entry counts the bits so far.
  const votes = [0.5, 0.25].map((vote) => [...Array<number>(TABLES).fill(vote), 0]);
  /** The contexts of what is coded next; each bit adds what is known of its number or letter. */
  let contexts: number[];

  const words = dictionary<string>();
  const templates = dictionary<readonly string[]>();
  /** What stood last at a place, and under a key. */
  const lasts = new Map<number, Plain>();
  /** What was told at a place, and anywhere: five bits for each of the last values, 0 for one as expected. */
  const histories = new Map<number, number>();
  let recent = 0;
  let lastText = 0;
  let deviates = false;
  let level = 0;
  let bits = 0;
  let coder: BitCoder;

  const decide = (votes: number[], node: number, bit: number): number => {
    if (++bits > MOST_BITS) coder.fail('limit', 'a header that says too much');
    let sum = 0;
    for (let i = 0; i < TABLES; i++) {
      const slot = (i << 16) + (hash(contexts[i]!, node) >>> 16);
      const n = seen[(slots[i] = slot)]!;
      // Believed the more the more it has seen.
      sum += votes[i]! * (logits[i] = (LOGIT[Math.floor(chances[slot]! * 4096) + 2048]! * n) / (n + 0.4));
    }
    const x = Math.max(-2047, Math.min(2047, Math.round(sum)));
    const p = Math.round(65536 / (1 + Math.exp(-x / 256)));
    const result = coder.code(bit, p);
    const step = (result - p / 65536) * (2 ** -14 + 2 ** -6 / (32 + votes[TABLES]!++));
    for (let i = 0; i < TABLES; i++) {
      const slot = slots[i]!;
      votes[i]! += step * logits[i]!;
      chances[slot]! += (result - 0.5 - chances[slot]!) / (seen[slot]! + 1.25);
      if (seen[slot]! < 100) seen[slot]!++;
    }
    return result;
  };

  /** A whole number below 2³² − 1: how many bits number + 1 has after the first, then those. */
  const count = (number: number): number => {
    const width = 31 - Math.clz32(number + 1);
    let bits = 0;
    while (bits < 31 && decide(votes[0]!, bits, bits < width ? 1 : 0)) bits++;
    let result = 1;
    while (bits--) result = result * 2 + decide(votes[0]!, (result << 5) + bits + 64, ((number + 1) >>> bits) & 1);
    return result - 1;
  };

  /** UTF-8 and a zero byte. */
  const text = (given: string | undefined, key: number): string => {
    const letters = new TextEncoder().encode(given);
    const bytes: number[] = [];
    let last = 0;
    for (let byte = 1; byte > 0; ) {
      contexts = [0, last & 0xff, hash(last & 0xffff, 2), hash(last & 0xffffff, 3), key, lastText];
      byte = 1;
      for (let i = 7; i >= 0; i--) byte = byte * 2 + decide(votes[1]!, byte, (letters[bytes.length]! >> i) & 1);
      bytes.push((byte &= 255));
      last = (last << 8) | byte;
      key = hash(key, byte);
      // Names that count up are alike: a digit is a digit.
      lastText = hash(lastText, byte > 47 && byte < 58 ? 48 : byte);
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes.slice(0, -1)));
  };

  /** What occurred before, by its number from 1 on; or 0 and then itself. */
  const known = <T>({ items, numbers }: Dictionary<T>, given: T | undefined, code: () => T): number => {
    const number = count(numbers.get(JSON.stringify(given)) ?? 0);
    if (number > items.length) fail();
    if (number > 0) return number;
    const item = code();
    numbers.set(JSON.stringify(item), items.push(item));
    return items.length;
  };

  const fail = (): never => coder.fail('not-a-header', 'a header that makes no sense');

  const code = (given: Plain | undefined, key: number, place: number, expected?: unknown, guess?: Guess): Plain => {
    const history = histories.get(place)!;
    const hoped = expected ?? lasts.get(place) ?? lasts.get(key);
    contexts = [history & 31, history & 0x7fff, history, recent & 1023].map((before) => hash(place, before));
    contexts.push(place, key);
    const sort = count(sortOf(given, hoped));
    contexts = contexts.map((context) => hash(context, sort));
    if (++level > MOST_LEVELS) coder.fail('limit', 'values within values');
    let result: unknown;
    let token = 0;
    if (sort === SAME) {
      result = hoped;
    } else if (sort === TEXT || sort === REAL) {
      token = known(words, given?.toString(), () => text(given?.toString(), key));
      result = words.items[token - 1];
      if (sort === REAL) result = Number(result);
    } else if (sort === NUMBER) {
      token = result = count(given as number);
    } else if (sort === LIST) {
      const list: Plain[] = [];
      token = count((given as Plain[])?.length);
      for (let i = 0; i < token; i++) {
        // Extents are often alike: where one was not as expected, the next is likely its like.
        const hope = i > 0 && deviates ? list[i - 1] : (expected as Plain[])?.[i];
        list.push(code((given as Plain[])?.[i], hash(key, 0), hash(place, Math.min(i, 3)), hope));
      }
      result = list;
    } else if (sort === OBJECT) {
      const own = given === undefined ? given : Object.keys(given as PlainObject);
      token = known(templates, own, () => {
        const keys = code(own, KEYS, KEYS);
        return Array.isArray(keys) && keys.every((name) => typeof name === 'string') ? keys : fail();
      });
      const entries: [string, Plain][] = [];
      for (const name of templates.items[token - 1]!) {
        const word = words.numbers.get(JSON.stringify(name))!;
        const hope = guess?.(name, Object.fromEntries(entries));
        const value = code((given as PlainObject)?.[name], hash(3, word), hash(hash(place, token), word), hope);
        entries.push([name, value]);
      }
      result = Object.fromEntries(entries);
    } else {
      result = CONSTANTS[sort - CONSTANT];
    }
    level--;
    deviates = sort !== SAME;
    token = deviates ? hash(token, sort) & 31 : 0;
    histories.set(place, (history << 5) | token);
    recent = (recent << 5) | token;
    if (sort === LIST || sort === OBJECT) return result as Plain;
    if (result === undefined || (result && typeof result === 'object')) fail();
    lasts.set(place, result as Plain);
    lasts.set(key, result as Plain);
    return result as Plain;
  };

  return (by, given, guess) => {
    coder = by;
    return code(given, 0, 0, undefined, guess);
  };
}

/** Things in the order in which they were met, and their numbers, from 1 on, by how they are written. */
interface Dictionary<T> {
  readonly items: T[];
  readonly numbers: Map<string, number>;
}

const dictionary = <T>(): Dictionary<T> => ({ items: [], numbers: new Map() });

function sortOf(given: Plain | undefined, hoped: unknown): number {
  if (given === hoped) return SAME;
  if (typeof given === 'string') return TEXT;
  if (typeof given === 'number') return given >= 0 && given < 2 ** 32 - 1 && Number.isInteger(given) ? NUMBER : REAL;
  if (Array.isArray(given)) return LIST;
  return given && given !== true ? OBJECT : CONSTANT + CONSTANTS.indexOf(given!);
}

/** Multiplicative: 0x9e3779b1 is 2³² / golden ratio. */
function hash(a: number, b: number): number {
  const product = Math.imul(Math.imul(a, 0x2c1b3c6d) + b + 1, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** log of the odds of (i + ½) / 4096, in units of 1/256. No entry is within 10⁻⁵ of a tie (tested), so any engine's log gives these. */
const LOGIT: number[] = /* @__PURE__ */ Array.from({ length: 4096 }, (_, i) =>
  Math.round(256 * Math.log((i + 0.5) / (4095.5 - i))),
);

/** A stream of chance that can be split: a child depends on its label, not on how much the parent has been used. */
export interface Random {
  /** A whole number, 0 … 2³² − 1. */
  uint32(): number;
  /** 0 ≤ x < 1, a multiple of 2⁻³². */
  float(): number;
  /** A whole number, 0 … bound − 1, without bias. */
  integer(bound: number): number;
  /** Mean 0, variance 1 (Box and Muller 1958; its last bits are those of the engine's logarithm and cosine). */
  normal(): number;
  /** Shuffles in place (Fisher and Yates) and returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T;
  /** An independent stream; the same label gives the same stream. */
  fork(label: string | number): Random;
}

/**
 * Starts a stream of pseudo-random numbers.
 *
 * Block n of the stream is Threefry-2x32 of the counter (n, 0) under the stream's key. A fork's key is the same cipher
 * applied to a hash of its label, so that adding a consumer never reshuffles the others.
 *
 * @param seed - whole number, 0 … 2⁵³ − 1
 * @throws RangeError if `seed` is not such a number
 * @example
 * seededRandom(1).fork('conv1').uint32() === seededRandom(1).fork('conv1').uint32() // true
 * @see Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011
 */
export function seededRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seededRandom: "seed" expected a whole number 0 … 2^53 − 1, got ${seed}`);
  }
  return stream(seed >>> 0, Math.floor(seed / 2 ** 32));
}

function stream(key0: number, key1: number): Random {
  const block = new Uint32Array(2);
  let counter = 0;
  let spare = false; // whether block[1] is still unused
  const uint32 = (): number => {
    if (spare) {
      spare = false;
      return block[1]!;
    }
    threefry2x32(key0, key1, counter >>> 0, Math.floor(counter / 2 ** 32), block);
    counter++;
    spare = true;
    return block[0]!;
  };
  const random: Random = {
    uint32,
    float: () => uint32() / 2 ** 32,
    integer(bound) {
      if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
        throw new RangeError(`integer: "bound" expected 1 … 2^32, got ${bound}`);
      }
      const unbiased = 2 ** 32 - (2 ** 32 % bound); // draws at or above it would favour small results
      let draw = uint32();
      while (draw >= unbiased) draw = uint32();
      return draw % bound;
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float()),
    shuffle(items) {
      for (let last = items.length - 1; last > 0; last--) {
        const other = random.integer(last + 1);
        const held = items[last];
        items[last] = items[other];
        items[other] = held;
      }
      return items;
    },
    fork(label) {
      const text = `${typeof label}:${label}`;
      const child = new Uint32Array(2);
      // High counter word 2³¹ | length keeps the forks' inputs apart from those of the stream itself.
      threefry2x32(key0, key1, fnv1a(text), (0x80000000 | text.length) >>> 0, child);
      return stream(child[0]!, child[1]!);
    },
  };
  return random;
}

/**
 * Encrypts a counter: 20 rounds of add, rotate, xor, the key injected after every fourth.
 *
 * @param out - receives the two words
 * @see Salmon et al. 2011, section 3.3; known-answer vectors in `random.test.ts` are the authors' own
 */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  out: Uint32Array = new Uint32Array(2),
): Uint32Array {
  const keys = [key0 | 0, key1 | 0, key0 ^ key1 ^ 0x1bd11bda];
  let a = (counter0 + key0) | 0;
  let b = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const by = ROTATIONS[round & 7]!;
    a = (a + b) | 0;
    b = ((b << by) | (b >>> (32 - by))) ^ a;
    if ((round & 3) === 3) {
      const injection = (round >> 2) + 1; // 1 … 5
      a = (a + keys[injection % 3]!) | 0;
      b = (b + keys[(injection + 1) % 3]! + injection) | 0;
    }
  }
  out[0] = a;
  out[1] = b;
  return out;
}

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** FNV-1a over UTF-16 code units, low byte first (Fowler, Noll, Vo). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 255), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

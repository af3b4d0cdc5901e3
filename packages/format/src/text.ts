import type { BitCoder } from './bit-coder.ts';

/**
 * A text of more bits than this, those of the primer included, is refused: it would take a second. What is certain costs so
 * little that a few bytes could ask for any amount. Where much repeats, as in topologies, a character takes a bit or two.
 */
const MOST_BITS = 3 * 2 ** 20;

/**
 * Walks a text of characters 1…127, such as JSON.
 *
 * Most of it was there before, or nearly: so a character is expected, the one that followed when the last four were the same,
 * or that comes next there; a bit says whether it is that one, and if not its own seven bits follow. Each bit is predicted by
 * a vote of what was seen in six contexts: after the last zero to four characters, and where so many had been as expected.
 *
 * All that is learned is float64, added, multiplied and divided in the order in which it stands here: any machine predicts the
 * same.
 *
 * @param primer - a text to learn from before the first bit
 * @param given - when encoding, what to write
 * @see Bloom 1996, "LZP: a new data compression algorithm"
 * @see Mahoney 2005, "Adaptive weighing of context models for lossless data compression"
 */
export function codeText(coder: BitCoder, primer: string, given = ''): string {
  // By context: how likely a 1 is, less one half (so that pages of zeros cost nothing until they are used), and after how many bits.
  const chances = new Float64Array(6 << 16);
  const seen = new Uint8Array(6 << 16);
  const places = new Int32Array(65536);
  const source = `${primer + given}\0`;
  const slots = new Int32Array(6);
  // Not a string: to look into one that grows takes time in proportion to its length.
  const text: number[] = [];
  let last = 0;
  let expected = 0;
  let hits = 0;
  let misses = 0;
  let bits = 0;

  /** @param node - what is known already of the character, or what it is expected to be */
  const decide = (node: number, special: number, bit: boolean): number => {
    if (++bits > MOST_BITS) coder.fail('limit', 'too long');
    for (let i = 0; i < 5; i++) slots[i] = (i << 16) + hash(last & MASKS[i]!, node);
    slots[5] = (5 << 16) + hash(special, node);
    // The mean of what the contexts say, each weighed by n / variance², where the variance, p (1 − p) = ¼ − chance², has 1/64
    // added: the more certain and the more experienced, the more it counts.
    let sum = 0;
    let weights = 0.5;
    for (const slot of slots) {
      const variance = 17 / 64 - chances[slot]! ** 2;
      const weight = seen[slot]! / variance / variance;
      sum += chances[slot]! * weight;
      weights += weight;
    }
    const probability = Math.floor((0.5 + sum / weights) * 65536);
    const result = text.length < primer.length ? +bit : coder.code(+bit, Math.max(32, Math.min(65504, probability)));
    for (const slot of slots) {
      chances[slot]! += (result - 0.5 - chances[slot]!) / (seen[slot]! + 1.25);
      if (seen[slot]! < 8) seen[slot]!++;
    }
    return result;
  };

  for (let at = 0, character = 1; character > 0; ) {
    const wanted = source.charCodeAt(text.length);
    expected = text[at] ?? 0; // nothing before the first
    if (at > 0 && decide(expected, Math.min(hits, 15), wanted === expected)) {
      character = expected;
      hits++;
      misses = 0;
    } else {
      character = 1;
      // The bits of the character, highest first, behind a leading 1.
      for (let bit = 64; bit > 0; bit >>= 1)
        character = character * 2 + decide(character, expected + 256, (wanted & bit) > 0);
      character -= 128;
      hits = 0;
      misses++;
    }
    text.push(character);
    last = (last << 8) | character;
    const slot = hash(last, 0);
    // A single miss is often a number that counts up: all goes on as before. The second in a row asks for another place.
    if (at > 0 && misses < 2) at++;
    else {
      at = places[slot]!;
      misses = 0;
    }
    places[slot] = text.length;
  }
  return new TextDecoder().decode(Uint8Array.from(text.slice(primer.length, -1)));
}

/** Of the last characters: none, one, … four. */
const MASKS = [0, 0xff, 0xffff, 0xffffff, -1];

/** Of 16 bits. Multiplicative: 0x9e3779b1 is 2³² / golden ratio. */
function hash(a: number, b: number): number {
  const product = Math.imul(Math.imul(a, 0x2c1b3c6d) + b + 1, 0x9e3779b1);
  return (product ^ (product >>> 15)) >>> 16;
}

import type { Random } from '@pare/core';

/** Numbers of images, rising. */
export interface Fifth {
  /** To learn from. */
  readonly calibration: Uint32Array;
  /** To make every choice on; nothing is learned from them. */
  readonly heldBack: Uint32Array;
}

/**
 * Holds back a fifth of the images: one of each five that are neighbours in the order of their classes. Classes are ordered by
 * meaning (the 118 breeds of dogs are neighbours), so both parts have their share of every kind of thing.
 *
 * @param labels - class of each image; or how many images there are, where they have no classes
 * @param random - decides which of the five
 * @example
 * holdBackFifth(10, seededRandom(1)).heldBack.length // 2
 */
export function holdBackFifth(labels: Uint16Array | number, random: Random): Fifth {
  const count = typeof labels === 'number' ? labels : labels.length;
  const order = Array.from({ length: count }, (_, index) => index);
  if (typeof labels !== 'number') order.sort((a, b) => labels[a]! - labels[b]! || a - b);
  const held = new Uint8Array(count);
  for (let first = 0; first < count; first += 5) {
    const at = first + random.integer(5); // drawn for the last, incomplete five too: it gives its share on average
    if (at < count) held[order[at]!] = 1;
  }
  const part = (wanted: 0 | 1): Uint32Array =>
    Uint32Array.from(Array.from(held.keys()).filter((index) => held[index] === wanted));
  return { calibration: part(0), heldBack: part(1) };
}

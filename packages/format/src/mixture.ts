import type { BitCoder } from './bit-coder.ts';

/*
 * Numbers: probabilities in units of 2⁻¹⁶, their logits ("stretched") in units of 2⁻⁸ within ±2047, weights in units of
 * 2⁻¹⁶ within ±16. All integers, all products below 2³¹ (so `Math.imul` is exact, and quick), shifts arithmetic (towards −∞): the same on every machine.
 */

/** logit of (i + ½) / 4096: 256 · ln(p / (1 − p)). No entry is within 10⁻⁵ of a tie (tested), so any engine's log gives these. */
export const STRETCH: Int16Array = /* @__PURE__ */ Int16Array.from({ length: 4096 }, (_, i) =>
  Math.max(-2047, Math.min(2047, Math.round(256 * Math.log((i + 0.5) / (4095.5 - i))))),
);

/** The inverse at (i − 2048) / 256, clamped so that neither bit is ever impossible. */
export const SQUASH: Uint16Array = /* @__PURE__ */ Uint16Array.from({ length: 4096 }, (_, i) =>
  Math.max(16, Math.min(65520, Math.round(65536 / (1 + Math.exp((2048 - i) / 256))))),
);

/** Step towards the bit just seen after n others: 2¹⁶ / (n + 1.6), nearly the running mean. */
export const RATE: Int32Array = /* @__PURE__ */ Int32Array.from({ length: 256 }, (_, n) =>
  Math.round(655360 / (10 * n + 16)),
);

/** How much a context is believed that has seen n bits: 2⁸ · n / (n + 1.5). A new one has no say. */
export const TRUST: Int32Array = /* @__PURE__ */ Int32Array.from({ length: 256 }, (_, n) =>
  Math.round((2560 * n) / (10 * n + 15)),
);

/** How fast weights move after n bits. */
export const LEARNING: Int32Array = /* @__PURE__ */ Int32Array.from(
  { length: 641 },
  (_, n) => 2 + Math.floor(640 / (64 + n)),
);

/** A context never forgets faster than 1 in 250: weights do not drift. */
const MOST_SEEN = 250;

const clampWeight = (weight: number): number => Math.max(-1048575, Math.min(1048575, weight));

/**
 * Predicts bits by a weighted vote of contexts, and learns both the contexts' probabilities and their weights.
 *
 *     p = σ(Σ w_i · x_i),   x_i = logit(p_i) · trust_i,   w_i += rate · x_i · (bit − p)
 *
 * Before each bit the caller sets `inputs[i]` (logits it computed itself) and `slots[i]` (the context each table is in).
 *
 * @see Mahoney 2005, "Adaptive weighing of context models for lossless data compression" (logistic mixing)
 */
export class Mixture {
  /** Logits computed by the caller. */
  readonly inputs: Int32Array;
  /** Current context in each table. */
  readonly slots: Int32Array;
  readonly #offsets: Int32Array;
  readonly #probabilities: Uint16Array;
  readonly #seen: Uint8Array;
  readonly #weights: Int32Array;
  readonly #own: number;
  #bits = 0;

  /**
   * @param sizes - contexts in each table
   * @param weights - the weights at the start, in 1/100: of the caller's inputs, then of the tables
   */
  constructor(sizes: readonly number[], weights: readonly number[]) {
    let total = 0;
    this.#offsets = Int32Array.from(sizes, (size) => (total += size) - size);
    this.#probabilities = new Uint16Array(total).fill(32768);
    this.#seen = new Uint8Array(total);
    this.#weights = Int32Array.from(weights, (weight) => Math.trunc((weight * 65536) / 100));
    this.#own = weights.length - sizes.length;
    this.inputs = new Int32Array(weights.length);
    this.slots = new Int32Array(sizes.length);
  }

  code(coder: BitCoder, bit: number): number {
    const { inputs, slots } = this;
    const offsets = this.#offsets;
    const probabilities = this.#probabilities;
    const seen = this.#seen;
    const weights = this.#weights;
    const own = this.#own;
    const tables = slots.length;
    const count = inputs.length;

    let sum = 0;
    for (let i = 0; i < own; i++) sum += Math.imul(weights[i]!, inputs[i]!) >> 8;
    for (let i = 0; i < tables; i++) {
      const slot = offsets[i]! + slots[i]!;
      const input = Math.imul(STRETCH[probabilities[slot]! >>> 4]!, TRUST[seen[slot]!]!) >> 8;
      inputs[own + i] = input;
      sum += Math.imul(weights[own + i]!, input) >> 8;
    }
    const logit = sum >> 8;
    const probability = SQUASH[logit > 2047 ? 4095 : logit < -2047 ? 1 : logit + 2048]!;

    const result = coder.code(bit, probability);

    const error = (result << 16) - probability;
    // Fast while little is known, then steady.
    const rate = LEARNING[this.#bits]!;
    if (this.#bits < 640) this.#bits++;
    for (let i = 0; i < count; i++) {
      weights[i] = clampWeight(weights[i]! + (Math.imul(Math.imul(inputs[i]!, error) >> 10, rate) >> 6));
    }
    const target = result ? 65535 : 0;
    for (let i = 0; i < tables; i++) {
      const slot = offsets[i]! + slots[i]!;
      const n = seen[slot]!;
      probabilities[slot]! += Math.imul(target - probabilities[slot]!, RATE[n]!) >> 16;
      if (n < MOST_SEEN) seen[slot] = n + 1;
    }
    return result;
  }
}

/** One table alone: bits predicted by how often they were 1 in the same context. */
export class AdaptiveBits {
  readonly #probabilities: Uint16Array;
  readonly #seen: Uint8Array;

  constructor(size: number) {
    this.#probabilities = new Uint16Array(size).fill(32768);
    this.#seen = new Uint8Array(size);
  }

  code(coder: BitCoder, slot: number, bit: number): number {
    const probability = this.#probabilities[slot]!;
    const result = coder.code(bit, Math.max(64, Math.min(65472, probability)));
    const n = this.#seen[slot]!;
    this.#probabilities[slot] = probability + ((((result ? 65535 : 0) - probability) * RATE[n]!) >> 16);
    if (n < MOST_SEEN) this.#seen[slot] = n + 1;
    return result;
  }

  /** Codes a number in `count` bits, highest first, in the contexts `base + 1` … `base + 2^count − 1` of a binary tree. */
  codeTree(coder: BitCoder, base: number, value: number, count: number): number {
    let node = 1;
    for (let i = count - 1; i >= 0; i--) node = node * 2 + this.code(coder, base + node, (value >>> i) & 1);
    return node - 2 ** count;
  }
}

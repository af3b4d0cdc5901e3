import type { BitCoder } from './bit-coder.ts';
import { Mixture } from './mixture.ts';
import type { Where } from './place-coder.ts';

const clampTo = (value: number, bound: number): number => Math.max(-bound, Math.min(bound, value));

/** −1, 0, 1 near zero, ±2 beyond: sums of signs in five steps, as 0…4. */
const fiveSteps = (sum: number): number => (sum < -2 ? 0 : sum < 0 ? 1 : sum === 0 ? 2 : sum < 3 ? 3 : 4);

/**
 * Codes entries of an ascending codebook: the sign, then the rank by size among those of the sign, as a path in a binary tree.
 *
 * Signs lean on the neighbours' signs and on the sums of signs in this row and column; sizes on the last sizes there.
 */
export class SymbolCoder {
  negative = false;
  readonly #negatives: number;
  readonly #positives: number;
  readonly #width: number;
  readonly #sign = new Mixture([1, 9, 25, 9, 49], [30, 30, 30, 30, 30]);
  readonly #rank: Mixture;
  readonly #nodes: number;
  // Sums of signs and last rank level, by column (with a neighbour on both sides) and in this row.
  readonly #columnSigns: Int32Array;
  readonly #columnLevels: Uint8Array;
  #rowSigns = 0;
  #lastSign = 0;
  #lastLevel = 0;

  /**
   * @param negatives - entries of the codebook with the sign bit set, the first ones
   * @param positives - the others
   */
  constructor(negatives: number, positives: number, extent: number, width: number) {
    this.#negatives = negatives;
    this.#positives = positives;
    this.#width = width;
    this.#nodes = 1 << treeDepth(Math.max(this.#negatives, this.#positives));
    const nodes = this.#nodes;
    this.#rank = new Mixture([nodes, 2 * nodes, 17 * nodes, 17 * nodes, 4 * nodes], [40, 30, 20, 20, 20]);
    this.#columnSigns = new Int32Array(extent + 2);
    this.#columnLevels = new Uint8Array(extent);
  }

  code(coder: BitCoder, index: number, where: Where): number {
    if (where.first) this.#rowSigns = this.#lastSign = this.#lastLevel = 0;
    const { column } = where;
    const negatives = this.#negatives;
    let negative = negatives > 0;
    if (negative && this.#positives > 0) {
      this.#setSignContexts(where);
      negative = this.#sign.code(coder, index < negatives ? 1 : 0) === 1;
    }
    const rank = this.#codeRank(coder, negative ? negatives - 1 - index : index - negatives, negative, where);

    this.negative = negative;
    const sign = negative ? -1 : 1;
    this.#columnSigns[column + 1]! += sign;
    this.#rowSigns += sign;
    this.#lastSign = sign;
    // 17 levels: none, then the ranks themselves while there are at most 16.
    const level = 1 + (this.#nodes > 16 ? Math.floor((rank * 16) / this.#nodes) : rank);
    this.#lastLevel = this.#columnLevels[column] = level;
    return negative ? negatives - 1 - rank : negatives + rank;
  }

  #setSignContexts({ signs, at, column }: Where): void {
    const width = this.#width;
    const { slots } = this.#sign;
    const left = signs[at - 1]!;
    const above = width > 0 ? signs[at - width]! : 0;
    const columnSigns = this.#columnSigns[column + 1]!;
    const around =
      2 * left +
      signs[at - 2]! +
      (width > 0
        ? 2 * above + signs[at - width - 1]! + signs[at - width + 1]! + (at >= 2 * width ? signs[at - 2 * width]! : 0)
        : 0);
    const columns = columnSigns + this.#columnSigns[column]! + this.#columnSigns[column + 2]!;
    slots[0] = 0;
    slots[1] = (left + 1) * 3 + above + 1;
    slots[2] = fiveSteps(columnSigns) * 5 + fiveSteps(this.#rowSigns);
    slots[3] = (this.#lastSign + 1) * 3 + clampTo(columnSigns, 1) + 1;
    slots[4] = (clampTo(around, 3) + 3) * 7 + clampTo(columns, 3) + 3;
  }

  #codeRank(coder: BitCoder, rank: number, negative: boolean, where: Where): number {
    const nodes = this.#nodes;
    const { slots } = this.#rank;
    const count = negative ? this.#negatives : this.#positives;
    const depth = treeDepth(count);
    const last = this.#lastLevel * nodes;
    const inColumn = this.#columnLevels[where.column]! * nodes;
    const recent = Math.min(3, where.recent >> 8) * nodes;
    let node = 1;
    for (let height = depth - 1; height >= 0; height--) {
      node *= 2;
      // Nothing to say where the upper half is empty.
      if (((node + 1) << height) - (1 << depth) >= count) continue;
      const parent = node >> 1;
      slots[0] = parent;
      slots[1] = (negative ? nodes : 0) + parent;
      slots[2] = last + parent;
      slots[3] = inColumn + parent;
      slots[4] = recent + parent;
      node += this.#rank.code(coder, (rank >> height) & 1);
    }
    return node - (1 << depth);
  }
}

/** ⌈log2 count⌉, 0 for none. */
const treeDepth = (count: number): number => (count > 1 ? 32 - Math.clz32(count - 1) : 0);

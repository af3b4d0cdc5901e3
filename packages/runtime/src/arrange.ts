/** Something that needs room for a while. */
export interface Tenant {
  readonly bytes: number;
  /** The first and the last step during which it must keep its room. */
  readonly first: number;
  readonly last: number;
}

/** Where each tenant lives, in bytes from the start of the house, and how large the house is. */
export interface Arrangement {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/**
 * Gives tenants room such that no two that are there at the same time overlap, in little space.
 *
 * The largest comes first and takes the lowest gap between those that it meets. That is not always the least space possible
 * (finding it is NP-hard), but on networks it rarely takes more than the largest moment does.
 *
 * @param align - every offset is a multiple of it
 * @example
 * arrange([{ bytes: 64, first: 0, last: 1 }, { bytes: 128, first: 1, last: 2 }, { bytes: 64, first: 2, last: 3 }]).offsets // [128, 0, 128]
 * @see Pisarchyk, Lee 2020, "Efficient memory management for deep neural net inference", section 4.2: greedy by size
 */
export function arrange(tenants: readonly Tenant[], align = 64): Arrangement {
  const offsets = new Array<number>(tenants.length).fill(0);
  const bySize = tenants.map((_, i) => i).sort((a, b) => tenants[b]!.bytes - tenants[a]!.bytes || a - b);
  const placed: number[] = []; // the lowest first
  let bytes = 0;
  for (const i of bySize) {
    const { first, last, bytes: size } = tenants[i]!;
    let offset = 0; // invariant: nobody met so far reaches beyond it, or the gap before them was too small
    for (const j of placed) {
      const other = tenants[j]!;
      if (other.first > last || other.last < first) continue;
      if (offset + size <= offsets[j]!) break;
      offset = Math.max(offset, Math.ceil((offsets[j]! + other.bytes) / align) * align);
    }
    offsets[i] = offset;
    bytes = Math.max(bytes, offset + size);
    placed.splice(placed.findLastIndex((j) => offsets[j]! <= offset) + 1, 0, i);
  }
  return { offsets, bytes };
}

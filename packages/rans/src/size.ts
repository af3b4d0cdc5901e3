import { planTable } from './plan-table.ts';

/**
 * Tells how many bytes `encodeRans` takes for symbols with this histogram, without encoding them.
 *
 * Exact but for the last few bytes, which depend on the order of the symbols.
 *
 * @param histogram - how often each symbol of the alphabet occurs
 */
export const ransSize = (histogram: ArrayLike<number>): number => planTable(Uint32Array.from(histogram))?.size ?? 0;

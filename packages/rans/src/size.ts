import { planTable } from './plan-table.ts';

/**
 * Tells how many bytes `encodeRans` takes for symbols with this histogram, without encoding them.
 *
 * Within a few bytes, seldom below: the table is the first that comes to mind, where `encodeRans` tries more.
 *
 * @param histogram - how often each symbol of the alphabet occurs
 */
export const ransSize = (histogram: ArrayLike<number>): number =>
  planTable(Uint32Array.from(histogram), { quick: true })?.size ?? 0;

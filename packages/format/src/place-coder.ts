import { type BitCoder, codeBits } from './bit-coder.ts';
import { Mixture, STRETCH } from './mixture.ts';
import type { Places } from './places.ts';

/** The neighbourhood of a place, for those who code what is there. */
export interface Where {
  /** Signs of what is there in the present line, by column; 0 = nothing. Starts a margin early. */
  readonly signs: Int8Array;
  /** Index into `signs`. */
  at: number;
  column: number;
  /** Recent density in this line, 0…1024. */
  recent: number;
  /** Whether nothing came before in this line. */
  first: boolean;
}

/**
 * Walks the places, and at each whether something is there; if so, `codeThing` codes it and tells its sign.
 *
 * Five estimates take part as numbers: the density of this column so far, of this line so far, of the columns beside, of
 * everything, and a constant; four tables add what the shape of the neighbourhood says. A line that would else stay empty
 * must have something at its last place, and a column at its last line: nothing is coded there.
 */
export function codePlaces(
  coder: BitCoder,
  places: Places,
  prior: number,
  mask: Uint8Array,
  encoding: boolean,
  codeThing: (coder: BitCoder, place: number, where: Where) => number,
): void {
  const { lines, columns, lineStride, columnStride, extent } = places;
  const { width, block } = places.scan;
  const full = prior === FULL;

  const margin = width + 2; // the farthest neighbour looked at is width + 1 away
  const kept = new Int32Array(extent + 2 * margin); // per column so far
  const signs = new Int8Array(extent + 2 * margin);
  const where: Where = { signs, at: 0, column: 0, recent: 0, first: true };
  const presence = new Mixture([32, 64, 96, 64], [50, 50, 30, -30, 20, 15, 15, 15, 15]);
  const { inputs, slots } = presence;
  let things = 0;
  let seen = 0;
  let stream = '';
  const enter = (name: string): void => {
    if (coder.enter && name !== stream) coder.enter((stream = name));
  };

  for (let line = 0; line < lines.length; line++) {
    const base = lines[line]! * lineStride;
    const lastLine = line === lines.length - 1;
    signs.fill(0);
    let inLine = 0;
    let inBlock = 0;
    let blockIndex = -1;
    let recent = 0;
    where.first = true;
    for (let j = 0; j < columns.length; j++) {
      const column = columns[j]!;
      const at = column + margin;
      const place = base + column * columnStride;
      const inColumn = kept[at]!;
      const phase = column % block;
      if ((column - phase) / block !== blockIndex) {
        blockIndex = (column - phase) / block;
        inBlock = 0;
      }
      let bit = 1;
      if (!full && !(lastLine && inColumn === 0) && !(j === columns.length - 1 && inLine === 0)) {
        const left = signs[at - 1]! & 1; // −1 and 1 are odd
        const above = width > 0 ? signs[at - width]! & 1 : 0;
        const neighbours = kept[at - 1]! + kept[at + 1]! + (width > 0 ? kept[at - width]! + kept[at + width]! : 0);
        const neighbourLines = (width > 0 ? 4 : 2) * line;
        const density = ((things * 4096 + prior * 64) / (seen + 64)) | 0; // 64: the prior counts as much as 64 places
        inputs[0] = logitOf(inColumn * 4096 + 3 * density, line + 3);
        inputs[1] = logitOf(inLine * 4096 + 8 * density, j + 8);
        inputs[2] = logitOf(neighbours * 4096 + 4 * density, neighbourLines + 4);
        inputs[3] = logitOf(density, 1);
        inputs[4] = 256;
        slots[0] =
          left +
          2 * (signs[at - 2]! & 1) +
          4 * above +
          (width > 0 ? 8 * (signs[at - width - 1]! & 1) : 0) +
          (width > 1 ? 16 * (signs[at - width + 1]! & 1) : 0);
        slots[1] = 8 * Math.min(7, ((inColumn * 16) / (line + 2)) | 0) + Math.min(7, ((inLine * 16) / (j + 4)) | 0);
        slots[2] = Math.min(31, recent >> 5) * 3 + left + above;
        slots[3] = block > 1 ? Math.min(3, inBlock) * 16 + Math.min(15, phase) : 0;
        enter('presence');
        bit = presence.code(coder, mask[place]!);
      }
      seen++;
      recent -= recent >> 3;
      if (bit === 0) continue;
      if (!encoding) mask[place] = 1;
      recent += 128;
      things++;
      inLine++;
      inBlock++;
      kept[at] = inColumn + 1;
      where.at = at;
      where.column = column;
      where.recent = recent;
      enter('values');
      signs[at] = codeThing(coder, place, where);
      where.first = false;
    }
  }
}

/** What {@link codePrior} returns if something is at every place. */
const FULL = 0;

/** Codes whether something is at every place, and if not, the density to start from. */
export function codePrior(coder: BitCoder, places: Places, count: number): number {
  const { lines, columns } = places;
  coder.enter?.('parameters');
  // In a single line or column all that is alive is there.
  if (lines.length <= 1 || columns.length <= 1) return FULL;
  return codeBits(coder, count === lines.length * columns.length ? 1 : 0, 1) === 1
    ? FULL
    : codeDensity(coder, places, count);
}

/** Codes a density in half octaves, 2^(12 − d/2) of 4096, and returns it in units of 1/4096. */
export function codeDensity(coder: BitCoder, { lines, columns }: Places, count: number): number {
  const octaves = Math.log2((lines.length * columns.length) / (count || 1));
  const halfOctaves = codeBits(coder, Math.max(0, Math.min(23, Math.round(2 * octaves))), 5);
  return Math.max(1, ((4096 >> (halfOctaves >> 1)) * (halfOctaves & 1 ? 181 : 256)) >> 8);
}

/** logit of a count over a count with a prior: both in units that make it 0…4095. */
const logitOf = (numerator: number, denominator: number): number => {
  const p = (numerator / denominator) | 0; // below 2⁴⁴ over below 2³²: too far from a whole number to be rounded to it
  return STRETCH[Math.max(1, Math.min(4095, p))]!;
};

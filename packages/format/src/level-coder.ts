import type { BitCoder } from './bit-coder.ts';
import { AdaptiveBits, Mixture, STRETCH } from './mixture.ts';
import { codeDensity } from './place-coder.ts';
import type { Places } from './places.ts';
import { afterZeros, type Machines, TRELLIS_NEXT } from './trellis.ts';

/** Levels may be so large: then everything below fits in 31 bits. */
export const LARGEST_LEVEL: number = 2 ** 20;

/** ⌊log2 k⌋ + 1: 0 for 0, 21 for 2²⁰. */
const bucketOf = (size: number): number => 32 - Math.clz32(size);
const BUCKETS = 22;

/** Means of sizes are kept in units of 2⁻¹², sizes above 65,535 counting as that: 28 bits. */
const UNIT = 12;
const LARGEST_SIZE = 65535;

/** As a context a mean is one of 48: 0, ⅛, ¼, ⅜, then quarters of octaves. */
const SIZES = 48;
const sizeStep = (mean: number): number => {
  const sixteenths = mean >> (UNIT - 4);
  if (sixteenths < 8) return sixteenths >> 1;
  const octave = 31 - Math.clz32(sixteenths);
  return Math.min(SIZES - 1, 4 * (octave - 2) + ((sixteenths >> (octave - 2)) & 3));
};

// Questions about the bucket: is it below the one expected; is it this one, on the way up; and on the way down.
const BELOW = 0;
const UP = BUCKETS;
const DOWN = 2 * BUCKETS;
const QUESTIONS = 3 * BUCKETS;

/**
 * Walks the levels of a matrix: the whole numbers that multiply one step.
 *
 * ```
 * density:5 then for each place:  something?  below the bucket expected?  this bucket?* upwards or downwards
 *                                 bits below the leading one: three by context, the others nearly raw    sign
 * ```
 *
 * What is expected follows from the sizes seen: running means of this line, this column and this block (or, where there are no
 * blocks, the column's surroundings in the line above), the last two here and the one above, and a mean of these means. Rows
 * and columns of a kernel differ in scale: that is what is to be gained over one table for all. Whether something is there
 * also leans on how many there were in this column, this line and the columns beside, and on the neighbourhood's shape.
 * Nothing is asked where a line or a column would else stay empty.
 *
 * With a trellis the size coded is |k|, and contexts know which quantiser holds (see trellis.ts). There is a machine for each
 * column of the matrix, and it passes all rows, dead ones included; those of dead columns have nothing to tell.
 *
 * @param levels - by place; read when encoding, else written where not zero
 * @param largest - bound of |level|, 1…2²⁰; a tight one saves bits
 * @param machines - what each of them belongs to: lines where the scan is transposed or there is but a vector, else columns
 */
export function codeLevels(
  coder: BitCoder,
  places: Places,
  levels: Int32Array,
  largest: number,
  machines: Machines,
  encoding: boolean,
): void {
  const { lines, columns, lineStride, columnStride, extent, scan } = places;
  const { width, block } = scan;
  if (lines.length === 0 || columns.length === 0) return;
  let count = 0;
  if (encoding) for (let i = 0; i < levels.length; i++) if (levels[i] !== 0) count++;
  coder.enter?.('parameters');
  const prior = codeDensity(coder, places, count);
  if (coder.walks) {
    coder.walks.levels(places, prior, levels, largest, machines);
    return;
  }

  const trellis = machines !== 'none';
  const lastBucket = bucketOf(trellis ? (largest + 1) >> 1 : largest);
  const presence = new Mixture(
    [2, 2 * SIZES, 2 * SIZES, 2 * SIZES, 2 * SIZES, 2 * SIZES, 64, 128, 64],
    [30, 30, 20, -20, 10, 15, 15, 15, 15, 15, 20, 15, 15, 10],
  );
  const bySize = 2 * QUESTIONS * SIZES;
  const bucketing = new Mixture(
    [2 * QUESTIONS, bySize, bySize, bySize, bySize, bySize, 256 * QUESTIONS],
    [20, 20, 20, 20, 20, 30, 20],
  );
  const leading = new Mixture([16 * BUCKETS, 8 * BUCKETS * SIZES, 8 * BUCKETS * SIZES], [30, 30, 40]);
  const rest = new AdaptiveBits(BUCKETS * BUCKETS);
  const signing = new Mixture([9, 25, 81, 49], [30, 30, 30, 30]);
  const densities = presence.inputs;
  const inPresence = presence.slots;
  const inBucket = bucketing.slots;
  const inLeading = leading.slots;
  const inSign = signing.slots;

  const margin = width + 2; // the farthest neighbour looked at is width + 1 away
  const span = extent + 2 * margin;
  // By column so far.
  const kept = new Int32Array(span);
  const columnMean = new Int32Array(span);
  const columnSigns = new Int32Array(span);
  // Of this line and of the one visited before.
  const sizes = new Int32Array(span);
  const signs = new Int8Array(span);
  const sizesBefore = new Int32Array(span);
  const signsBefore = new Int8Array(span);
  let mean = prior;
  let things = 0;
  let seen = 0;
  const states = new Uint8Array(machines === 'columns' ? extent : 0);
  const columnsBeside = width > 0 ? 4 : 2;

  for (let line = 0; line < lines.length; line++) {
    const base = lines[line]! * lineStride;
    const lastLine = line === lines.length - 1;
    const deadBefore = line > 0 ? lines[line]! - lines[line - 1]! - 1 : 0; // the machines of columns pass them; state 0 stays 0
    let state = 0;
    let passed = 0; // by the machine of the line
    let lineMean = mean;
    let inLine = 0;
    let lineSigns = 0;
    let blockIndex = -1;
    let blockMean = mean;
    let blockSeen = 0;
    let inBlock = 0;
    for (let j = 0; j < columns.length; j++) {
      const column = columns[j]!;
      const at = column + margin;
      const place = base + column * columnStride;
      let half = 0;
      if (trellis) {
        state = machines === 'columns' ? afterZeros(states[column]!, deadBefore) : afterZeros(state, column - passed);
        passed = column + 1;
        half = state & 1;
      }
      const phase = column % block;
      if ((column - phase) / block !== blockIndex) {
        blockIndex = (column - phase) / block;
        blockMean = mean;
        blockSeen = 0;
        inBlock = 0;
      }

      // Sizes expected from what lies around.
      const hasAbove = width > 0 && phase >= width; // in the same block
      const beforeSum = 2 * sizes[at - 1]! + sizes[at - 2]! + (hasAbove ? 2 * sizes[at - width]! : 0);
      const beforeMean = hasAbove ? ((beforeSum << UNIT) / 5) | 0 : ((beforeSum << UNIT) / 3) | 0; // 5 · 2¹⁶ · 2¹² < 2³¹
      const ofColumn = line === 0 ? mean : columnMean[at]!;
      const around =
        block > 1 ? blockMean : (2 * sizesBefore[at]! + sizesBefore[at - 1]! + sizesBefore[at + 1]!) << (UNIT - 2);
      const expected = 3 * (lineMean >> 3) + 3 * (ofColumn >> 3) + 2 * (around >> 3);
      const byLine = sizeStep(lineMean);
      const byColumn = sizeStep(ofColumn);
      const byBefore = sizeStep(beforeMean);
      const byAround = sizeStep(around);
      const byAll = sizeStep(expected);

      const level = encoding ? levels[place]! : 0;
      const givenSize = trellis ? (Math.abs(level) + half) >> 1 : Math.abs(level);
      const inColumn = kept[at]!;
      let size = 1;
      if (!(lastLine && inColumn === 0) && !(j === columns.length - 1 && inLine === 0)) {
        const beside = kept[at - 1]! + kept[at + 1]! + (width > 0 ? kept[at - width]! + kept[at + width]! : 0);
        const density = ((things * 4096 + prior * 64) / (seen + 64)) | 0; // 64: the prior counts as much as 64 places
        densities[0] = logitOf(inColumn * 4096 + 3 * density, line + 3);
        densities[1] = logitOf(inLine * 4096 + 8 * density, j + 8);
        densities[2] = logitOf(beside * 4096 + 4 * density, columnsBeside * line + 4);
        densities[3] = logitOf(density, 1);
        densities[4] = 256;
        inPresence[0] = half;
        inPresence[1] = 2 * byLine + half;
        inPresence[2] = 2 * byColumn + half;
        inPresence[3] = 2 * byBefore + half;
        inPresence[4] = 2 * byAround + half;
        inPresence[5] = 2 * byAll + half;
        inPresence[6] =
          32 * half +
          (signs[at - 1]! & 1) + // −1 and 1 are odd
          2 * (signs[at - 2]! & 1) +
          (width > 0 ? 4 * (signs[at - width]! & 1) + 8 * (signs[at - width - 1]! & 1) : 0) +
          (width > 1 ? 16 * (signs[at - width + 1]! & 1) : 0);
        inPresence[7] =
          64 * half + 8 * Math.min(7, ((inColumn * 16) / (line + 2)) | 0) + Math.min(7, ((inLine * 16) / (j + 4)) | 0);
        inPresence[8] = block > 1 ? 16 * Math.min(3, inBlock) + Math.min(15, phase) : 0;
        coder.enter?.('presence');
        size = presence.code(coder, givenSize > 0 ? 1 : 0);
      }

      let sign = 0;
      if (size > 0) {
        coder.enter?.('values');
        const givenBucket = bucketOf(givenSize);
        const both = 16 * Math.min(15, byAll >> 1) + Math.min(15, byBefore >> 1);
        let bucket = Math.max(1, Math.min(lastBucket, bucketOf(expected >> UNIT)));
        let question = bucket > 1 ? BELOW : UP;
        // Invariant: the bucket is this one or lies further in the direction asked; at either end nothing is left to ask.
        while (question === BELOW || (question === UP ? bucket < lastBucket : bucket > 1)) {
          const node = question + bucket;
          const nodeAndHalf = 2 * node + half;
          inBucket[0] = nodeAndHalf;
          inBucket[1] = 2 * QUESTIONS * byLine + nodeAndHalf;
          inBucket[2] = 2 * QUESTIONS * byColumn + nodeAndHalf;
          inBucket[3] = 2 * QUESTIONS * byBefore + nodeAndHalf;
          inBucket[4] = 2 * QUESTIONS * byAround + nodeAndHalf;
          inBucket[5] = 2 * QUESTIONS * byAll + nodeAndHalf;
          inBucket[6] = QUESTIONS * both + node;
          if (question === BELOW) {
            question = bucketing.code(coder, givenBucket < bucket ? 1 : 0) === 1 ? DOWN : UP;
            if (question === DOWN) bucket--;
          } else {
            if (bucketing.code(coder, givenBucket === bucket ? 1 : 0) === 1) break;
            bucket += question === UP ? 1 : -1;
          }
        }
        size = 1;
        for (let height = bucket - 2; height >= 0; height--) {
          const bit = (givenSize >> height) & 1;
          if (size < 8) {
            const node = 8 * bucket + size;
            inLeading[0] = 2 * node + half;
            inLeading[1] = SIZES * node + byAll;
            inLeading[2] = SIZES * node + byAround;
            size = 2 * size + leading.code(coder, bit);
          } else {
            size = 2 * size + rest.code(coder, BUCKETS * bucket + height, bit);
          }
        }

        const left = signs[at - 1]!;
        const above = hasAbove ? signs[at - width]! : 0;
        const inColumnSigns = columnSigns[at]!;
        const near =
          2 * left +
          signs[at - 2]! +
          (width > 0 ? 2 * signs[at - width]! + signs[at - width - 1]! + signs[at - width + 1]! : 0);
        const columnsSigns = inColumnSigns + columnSigns[at - 1]! + columnSigns[at + 1]!;
        inSign[0] = 3 * (left + 1) + above + 1;
        inSign[1] = 5 * fiveSteps(inColumnSigns) + fiveSteps(lineSigns);
        inSign[2] = 9 * inSign[0]! + 3 * (signsBefore[at]! + 1) + clampTo(inColumnSigns, 1) + 1;
        inSign[3] = 7 * (clampTo(near, 3) + 3) + clampTo(columnsSigns, 3) + 3;
        sign = signing.code(coder, level < 0 ? 1 : 0) === 1 ? -1 : 1;

        const found = trellis ? 2 * size - half : size;
        if (found > largest) coder.fail('number-out-of-range', `a level of ${found}, more than ${largest}`);
        if (!encoding) levels[place] = sign * found;
        things++;
        inLine++;
        inBlock++;
        kept[at] = inColumn + 1;
        columnSigns[at] = inColumnSigns + sign;
        lineSigns += sign;
      }

      if (trellis) {
        state = TRELLIS_NEXT[2 * state + (size & 1)]!;
        if (machines === 'columns') states[column] = state;
      }
      const counted = Math.min(LARGEST_SIZE, size);
      const scaled = counted << UNIT;
      sizes[at] = counted;
      signs[at] = sign;
      // Running means, each beginning with the mean of all as if seen a few times before.
      lineMean += ((scaled - lineMean) / (j + 5)) | 0;
      columnMean[at] = ofColumn + (((scaled - ofColumn) / (line + 4)) | 0);
      blockMean += ((scaled - blockMean) / (blockSeen + 3)) | 0;
      blockSeen++;
      mean += ((scaled - mean) / Math.min(seen + 8, 65536)) | 0;
      seen++;
    }
    sizesBefore.set(sizes);
    signsBefore.set(signs);
    sizes.fill(0);
    signs.fill(0);
  }
}

/** logit of a count over a count with a prior, in units that make the quotient 0…4095. */
const logitOf = (numerator: number, denominator: number): number =>
  STRETCH[Math.max(1, Math.min(4095, (numerator / denominator) | 0))]!; // below 2⁴⁴ over below 2³²: no quotient is rounded up to a whole number

const clampTo = (value: number, bound: number): number => Math.max(-bound, Math.min(bound, value));

/** −1, 0, 1 near zero, ±2 beyond: sums of signs in five steps, as 0…4. */
const fiveSteps = (sum: number): number => (sum < -2 ? 0 : sum < 0 ? 1 : sum === 0 ? 2 : sum < 3 ? 3 : 4);

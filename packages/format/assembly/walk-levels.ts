// Twin of src/level-coder.ts.

import { encoding, failure, levelTooLarge } from './coder';
import { cleared, int, mark, NEXT, release, setInt } from './memory';
import { addTable, codeAdaptive, mix, newContexts, newMixture, setSlot, weigh } from './mixture';
import { clampTo, fiveSteps, lanesOf, setDensities, shapeOf, sign } from './neighbours';

const BUCKETS: i32 = 22;
const UNIT: i32 = 12;
const LARGEST_SIZE: i32 = 65535;
const SIZES: i32 = 48;
const BELOW: i32 = 0;
const UP: i32 = BUCKETS;
const DOWN: i32 = 2 * BUCKETS;
const QUESTIONS: i32 = 3 * BUCKETS;

function bucketOf(size: i32): i32 {
  return 32 - clz(size);
}

function sizeStep(mean: i32): i32 {
  const sixteenths = mean >> (UNIT - 4);
  if (sixteenths < 8) return sixteenths >> 1;
  const octave = 31 - clz(sixteenths);
  return min(SIZES - 1, 4 * (octave - 2) + ((sixteenths >> (octave - 2)) & 3));
}

/**
 * @param levels - i32[] by place; read when encoding, else written where not zero. Others as in `walkSymbols`
 * @param machines - of the trellis: 0 none, 1 of lines, 2 of columns
 */
export function walkLevels(
  lines: usize,
  lineCount: i32,
  columns: usize,
  columnCount: i32,
  lineStride: i32,
  columnStride: i32,
  extent: i32,
  width: i32,
  block: i32,
  prior: i32,
  levels: usize,
  largest: i32,
  machines: i32,
): void {
  const before = mark();
  const trellis = machines !== 0;
  const ofColumns = machines === 2;
  const lastBucket = bucketOf(trellis ? (largest + 1) >> 1 : largest);
  const presence = newMixture(5, 9);
  weigh(presence, 0, 30);
  weigh(presence, 1, 30);
  weigh(presence, 2, 20);
  weigh(presence, 3, -20);
  weigh(presence, 4, 10);
  addTable(presence, 0, 2, 15);
  for (let i = 1; i < 6; i++) addTable(presence, i, 2 * SIZES, i === 5 ? 20 : 15);
  addTable(presence, 6, 64, 15);
  addTable(presence, 7, 128, 15);
  addTable(presence, 8, 64, 10);
  const bySize = 2 * QUESTIONS * SIZES;
  const bucketing = newMixture(0, 7);
  addTable(bucketing, 0, 2 * QUESTIONS, 20);
  for (let i = 1; i < 6; i++) addTable(bucketing, i, bySize, i === 5 ? 30 : 20);
  addTable(bucketing, 6, 256 * QUESTIONS, 20);
  const leading = newMixture(0, 3);
  addTable(leading, 0, 16 * BUCKETS, 30);
  addTable(leading, 1, 8 * BUCKETS * SIZES, 30);
  addTable(leading, 2, 8 * BUCKETS * SIZES, 40);
  const rest = newContexts(BUCKETS * BUCKETS);
  const signing = newMixture(0, 4);
  addTable(signing, 0, 9, 30);
  addTable(signing, 1, 25, 30);
  addTable(signing, 2, 81, 30);
  addTable(signing, 3, 49, 30);

  const margin = width + 2;
  const span = extent + 2 * margin;
  const kept = cleared(span << 2);
  const columnMean = cleared(span << 2);
  const columnSigns = cleared(span << 2);
  const sizes = cleared(span << 2);
  const signs = cleared(span);
  const sizesBefore = cleared(span << 2);
  const signsBefore = cleared(span);
  const states = cleared(ofColumns ? extent : 0);
  let mean = prior;
  let things = 0;
  let seen = 0;

  for (let line = 0; line < lineCount && failure === 0; line++) {
    const base = int(lines, line) * lineStride;
    const lastLine = line === lineCount - 1;
    const deadBefore = line > 0 ? int(lines, line) - int(lines, line - 1) - 1 : 0;
    let state = 0;
    let passed = 0;
    let lineMean = mean;
    let inLine = 0;
    let lineSigns = 0;
    let blockIndex = -1;
    let blockMean = mean;
    let blockSeen = 0;
    let inBlock = 0;
    for (let j = 0; j < columnCount && failure === 0; j++) {
      const column = int(columns, j);
      const at = column + margin;
      const place = base + column * columnStride;
      let half = 0;
      if (trellis) {
        if (ofColumns) state = load<u8>(states + column);
        for (let i = (ofColumns ? deadBefore : column - passed) & 3; i > 0; i--) state = load<u8>(NEXT + 2 * state);
        passed = column + 1;
        half = state & 1;
      }
      const ofBlock = column / block;
      const phase = column - ofBlock * block;
      if (ofBlock !== blockIndex) {
        blockIndex = ofBlock;
        blockMean = mean;
        blockSeen = 0;
        inBlock = 0;
      }

      const hasAbove = width > 0 && phase >= width;
      const beforeSum = 2 * int(sizes, at - 1) + int(sizes, at - 2) + (hasAbove ? 2 * int(sizes, at - width) : 0);
      const beforeMean = (beforeSum << UNIT) / (hasAbove ? 5 : 3);
      const ofColumn = line === 0 ? mean : int(columnMean, at);
      const around =
        block > 1
          ? blockMean
          : (2 * int(sizesBefore, at) + int(sizesBefore, at - 1) + int(sizesBefore, at + 1)) << (UNIT - 2);
      const expected = 3 * (lineMean >> 3) + 3 * (ofColumn >> 3) + 2 * (around >> 3);
      const byLine = sizeStep(lineMean);
      const byColumn = sizeStep(ofColumn);
      const byBefore = sizeStep(beforeMean);
      const byAround = sizeStep(around);
      const byAll = sizeStep(expected);

      const level = encoding ? int(levels, place) : 0;
      const givenSize = trellis ? (abs(level) + half) >> 1 : abs(level);
      const inColumn = int(kept, at);
      let size = 1;
      if (!(lastLine && inColumn === 0) && !(j === columnCount - 1 && inLine === 0)) {
        setDensities(presence, kept, at, width, line, j, inLine, things, seen, prior);
        setSlot(presence, 0, half);
        setSlot(presence, 1, 2 * byLine + half);
        setSlot(presence, 2, 2 * byColumn + half);
        setSlot(presence, 3, 2 * byBefore + half);
        setSlot(presence, 4, 2 * byAround + half);
        setSlot(presence, 5, 2 * byAll + half);
        setSlot(presence, 6, 32 * half + shapeOf(signs, at, width));
        setSlot(presence, 7, 64 * half + lanesOf(inColumn, inLine, line, j));
        setSlot(presence, 8, block > 1 ? 16 * min(3, inBlock) + min(15, phase) : 0);
        size = mix(presence, givenSize > 0 ? 1 : 0);
      }

      let thisSign = 0;
      if (size > 0) {
        const givenBucket = bucketOf(givenSize);
        const both = 16 * min(15, byAll >> 1) + min(15, byBefore >> 1);
        let bucket = max(1, min(lastBucket, bucketOf(expected >> UNIT)));
        let question = bucket > 1 ? BELOW : UP;
        while (question === BELOW || (question === UP ? bucket < lastBucket : bucket > 1)) {
          const node = question + bucket;
          const nodeAndHalf = 2 * node + half;
          setSlot(bucketing, 0, nodeAndHalf);
          setSlot(bucketing, 1, 2 * QUESTIONS * byLine + nodeAndHalf);
          setSlot(bucketing, 2, 2 * QUESTIONS * byColumn + nodeAndHalf);
          setSlot(bucketing, 3, 2 * QUESTIONS * byBefore + nodeAndHalf);
          setSlot(bucketing, 4, 2 * QUESTIONS * byAround + nodeAndHalf);
          setSlot(bucketing, 5, 2 * QUESTIONS * byAll + nodeAndHalf);
          setSlot(bucketing, 6, QUESTIONS * both + node);
          if (question === BELOW) {
            question = mix(bucketing, givenBucket < bucket ? 1 : 0) === 1 ? DOWN : UP;
            if (question === DOWN) bucket--;
          } else {
            if (mix(bucketing, givenBucket === bucket ? 1 : 0) === 1) break;
            bucket += question === UP ? 1 : -1;
          }
        }
        size = 1;
        for (let height = bucket - 2; height >= 0; height--) {
          const bit = (givenSize >> height) & 1;
          if (size < 8) {
            const node = 8 * bucket + size;
            setSlot(leading, 0, 2 * node + half);
            setSlot(leading, 1, SIZES * node + byAll);
            setSlot(leading, 2, SIZES * node + byAround);
            size = 2 * size + mix(leading, bit);
          } else {
            size = 2 * size + codeAdaptive(rest + ((BUCKETS * bucket + height) << 2), bit);
          }
        }

        const left = sign(signs, at - 1);
        const above = hasAbove ? sign(signs, at - width) : 0;
        const inColumnSigns = int(columnSigns, at);
        const near =
          2 * left +
          sign(signs, at - 2) +
          (width > 0 ? 2 * sign(signs, at - width) + sign(signs, at - width - 1) + sign(signs, at - width + 1) : 0);
        const columnsSigns = inColumnSigns + int(columnSigns, at - 1) + int(columnSigns, at + 1);
        const pair = 3 * (left + 1) + above + 1;
        setSlot(signing, 0, pair);
        setSlot(signing, 1, 5 * fiveSteps(inColumnSigns) + fiveSteps(lineSigns));
        setSlot(signing, 2, 9 * pair + 3 * (sign(signsBefore, at) + 1) + clampTo(inColumnSigns, 1) + 1);
        setSlot(signing, 3, 7 * (clampTo(near, 3) + 3) + clampTo(columnsSigns, 3) + 3);
        thisSign = mix(signing, level < 0 ? 1 : 0) === 1 ? -1 : 1;

        const found = trellis ? 2 * size - half : size;
        if (found > largest) levelTooLarge();
        if (!encoding) setInt(levels, place, thisSign * found);
        things++;
        inLine++;
        inBlock++;
        setInt(kept, at, inColumn + 1);
        setInt(columnSigns, at, inColumnSigns + thisSign);
        lineSigns += thisSign;
      }

      if (trellis) {
        state = load<u8>(NEXT + 2 * state + (size & 1));
        if (ofColumns) store<u8>(states + column, state);
      }
      const counted = min(LARGEST_SIZE, size);
      const scaled = counted << UNIT;
      setInt(sizes, at, counted);
      store<i8>(signs + at, thisSign);
      lineMean += (scaled - lineMean) / (j + 5);
      setInt(columnMean, at, ofColumn + (scaled - ofColumn) / (line + 4));
      blockMean += (scaled - blockMean) / (blockSeen + 3);
      blockSeen++;
      mean += (scaled - mean) / min(seen + 8, 65536);
      seen++;
    }
    memory.copy(sizesBefore, sizes, span << 2);
    memory.copy(signsBefore, signs, span);
    memory.fill(sizes, 0, span << 2);
    memory.fill(signs, 0, span);
  }
  release(before);
}

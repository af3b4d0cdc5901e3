// Twin of src/symbol-coder.ts.

import { encoding, failure } from './coder';
import { cleared, int, mark, release, setInt } from './memory';
import { addTable, mix, newMixture, setSlot, weigh } from './mixture';
import { clampTo, fiveSteps, lanesOf, odd, setDensities, shapeOf, sign } from './neighbours';

/** ⌈log2 count⌉, 0 for none. */
function treeDepth(count: i32): i32 {
  return count > 1 ? 32 - clz(count - 1) : 0;
}

/**
 * @param lines - i32[lineCount], like columns
 * @param prior - density to start from; 0: something is at every place
 * @param mask - u8[], like indices (u16[]) by place; read when encoding, else written where something is
 */
export function walkSymbols(
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
  mask: usize,
  indices: usize,
  negatives: i32,
  positives: i32,
): void {
  const before = mark();
  const margin = width + 2;
  const span = extent + 2 * margin;
  const kept = cleared(span << 2);
  const signs = cleared(span);
  const columnSigns = cleared((extent + 2) << 2);
  const columnLevels = cleared(extent);
  const presence = newMixture(5, 4);
  weigh(presence, 0, 50);
  weigh(presence, 1, 50);
  weigh(presence, 2, 30);
  weigh(presence, 3, -30);
  weigh(presence, 4, 20);
  addTable(presence, 0, 32, 15);
  addTable(presence, 1, 64, 15);
  addTable(presence, 2, 96, 15);
  addTable(presence, 3, 64, 15);
  const signing = newMixture(0, 5);
  addTable(signing, 0, 1, 30);
  addTable(signing, 1, 9, 30);
  addTable(signing, 2, 25, 30);
  addTable(signing, 3, 9, 30);
  addTable(signing, 4, 49, 30);
  const nodes = 1 << treeDepth(max(negatives, positives));
  const ranking = newMixture(0, 5);
  addTable(ranking, 0, nodes, 40);
  addTable(ranking, 1, 2 * nodes, 30);
  addTable(ranking, 2, 17 * nodes, 20);
  addTable(ranking, 3, 17 * nodes, 20);
  addTable(ranking, 4, 4 * nodes, 20);

  let things = 0;
  let seen = 0;
  for (let line = 0; line < lineCount && failure === 0; line++) {
    const base = int(lines, line) * lineStride;
    const lastLine = line === lineCount - 1;
    memory.fill(signs, 0, span);
    let inLine = 0;
    let inBlock = 0;
    let blockIndex = -1;
    let recent = 0;
    let lineSigns = 0;
    let lastSign = 0;
    let lastLevel = 0;
    for (let j = 0; j < columnCount && failure === 0; j++) {
      const column = int(columns, j);
      const at = column + margin;
      const place = base + column * columnStride;
      const inColumn = int(kept, at);
      const ofBlock = column / block;
      const phase = column - ofBlock * block;
      if (ofBlock !== blockIndex) {
        blockIndex = ofBlock;
        inBlock = 0;
      }
      let bit = 1;
      if (prior > 0 && !(lastLine && inColumn === 0) && !(j === columnCount - 1 && inLine === 0)) {
        setDensities(presence, kept, at, width, line, j, inLine, things, seen, prior);
        setSlot(presence, 0, shapeOf(signs, at, width));
        setSlot(presence, 1, lanesOf(inColumn, inLine, line, j));
        setSlot(presence, 2, min(31, recent >> 5) * 3 + odd(signs, at - 1) + (width > 0 ? odd(signs, at - width) : 0));
        setSlot(presence, 3, block > 1 ? min(3, inBlock) * 16 + min(15, phase) : 0);
        bit = mix(presence, load<u8>(mask + place));
      }
      seen++;
      recent -= recent >> 3;
      if (bit === 0) continue;
      if (!encoding) store<u8>(mask + place, 1);
      recent += 128;
      things++;
      inLine++;
      inBlock++;
      setInt(kept, at, inColumn + 1);

      const index = <i32>load<u16>(indices + (place << 1));
      const ofColumn = int(columnSigns, column + 1);
      let negative = negatives > 0;
      if (negative && positives > 0) {
        const left = sign(signs, at - 1);
        const above = width > 0 ? sign(signs, at - width) : 0;
        const around =
          2 * left +
          sign(signs, at - 2) +
          (width > 0
            ? 2 * above +
              sign(signs, at - width - 1) +
              sign(signs, at - width + 1) +
              (at >= 2 * width ? sign(signs, at - 2 * width) : 0)
            : 0);
        const ofColumns = ofColumn + int(columnSigns, column) + int(columnSigns, column + 2);
        setSlot(signing, 0, 0);
        setSlot(signing, 1, (left + 1) * 3 + above + 1);
        setSlot(signing, 2, fiveSteps(ofColumn) * 5 + fiveSteps(lineSigns));
        setSlot(signing, 3, (lastSign + 1) * 3 + clampTo(ofColumn, 1) + 1);
        setSlot(signing, 4, (clampTo(around, 3) + 3) * 7 + clampTo(ofColumns, 3) + 3);
        negative = mix(signing, index < negatives ? 1 : 0) === 1;
      }
      const given = negative ? negatives - 1 - index : index - negatives;
      const count = negative ? negatives : positives;
      const depth = treeDepth(count);
      let node = 1;
      for (let height = depth - 1; height >= 0; height--) {
        node *= 2;
        if (((node + 1) << height) - (1 << depth) >= count) continue;
        const parent = node >> 1;
        setSlot(ranking, 0, parent);
        setSlot(ranking, 1, (negative ? nodes : 0) + parent);
        setSlot(ranking, 2, lastLevel * nodes + parent);
        setSlot(ranking, 3, <i32>load<u8>(columnLevels + column) * nodes + parent);
        setSlot(ranking, 4, min(3, recent >> 8) * nodes + parent);
        node += mix(ranking, (given >> height) & 1);
      }
      const rank = node - (1 << depth);
      const thisSign = negative ? -1 : 1;
      store<i8>(signs + at, thisSign);
      setInt(columnSigns, column + 1, ofColumn + thisSign);
      lineSigns += thisSign;
      lastSign = thisSign;
      lastLevel = 1 + (nodes > 16 ? (rank * 16) / nodes : rank);
      store<u8>(columnLevels + column, lastLevel);
      if (!encoding) store<u16>(indices + (place << 1), negative ? negatives - 1 - rank : negatives + rank);
    }
  }
  release(before);
}

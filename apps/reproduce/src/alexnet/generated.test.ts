import { seededRandom } from '@pare/core';
import { magnitudeMask } from '@pare/pruning';
import { describe, expect, test } from 'vitest';
import { COLUMN_VARIATION, generatedKernel, ROW_VARIATION } from './generated.ts';

const [rows, columns, density] = [400, 600, 0.09];
const draw = (seed: number, share = density) =>
  generatedKernel({ rows, columns, density: share, random: seededRandom(seed) });

/** Variation of densities beyond what even chance would give: √(cv² − (1 − d)/(d·n)). */
function variation(counts: Float64Array, length: number): number {
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
  return Math.sqrt(variance / mean ** 2 - (1 - mean / length) / mean);
}

describe('generatedKernel', () => {
  test('is uneven over rows and columns as it says, once pruned by magnitude', () => {
    const mask = magnitudeMask(draw(1), { keep: density });
    const byRow = new Float64Array(rows);
    const byColumn = new Float64Array(columns);
    mask.forEach((kept, i) => {
      byRow[Math.floor(i / columns)]! += kept;
      byColumn[i % columns]! += kept;
    });
    // 400 rows: standard error of a coefficient of variation about cv/√800, and that of the chance taken away
    expect(Math.abs(variation(byRow, columns) - ROW_VARIATION)).toBeLessThan(0.03);
    expect(Math.abs(variation(byColumn, rows) - COLUMN_VARIATION)).toBeLessThan(0.04);
  });

  test('has its threshold where the density says, and both signs alike', () => {
    const values = draw(2);
    const threshold = -Math.log(density) / Math.sqrt(columns);
    const above = values.reduce((sum, value) => sum + (Math.abs(value) > threshold ? 1 : 0), 0) / values.length;
    expect(Math.abs(above - density)).toBeLessThan(0.003);
    const positive = values.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0) / values.length;
    expect(Math.abs(positive - 0.5)).toBeLessThan(0.006); // 5 · √(1/4 / 240,000)
  });

  test('is the same for the same seed, finite where nearly everything is kept', () => {
    expect(Buffer.compare(Buffer.from(draw(3).buffer), Buffer.from(draw(3).buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from(draw(3).buffer), Buffer.from(draw(4).buffer))).not.toBe(0);
    expect(draw(1, 0.98).every(Number.isFinite)).toBe(true);
    expect(() => draw(1, 1)).toThrow('"density" expected 0 < density < 1, got 1');
  });
});

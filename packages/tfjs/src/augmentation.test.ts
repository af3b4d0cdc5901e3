import { seededRandom } from '@pare/core';
import { preprocessImage } from '@pare/interop/images';
import { describe, expect, test } from 'vitest';
import { centreCrops, randomCrops } from './augmentation.ts';
import type { Examples } from './examples.ts';

/** Pictures whose pixels say where they are: channel, row and column. */
const stored: Examples = {
  pixels: Uint8Array.from(
    { length: 40 * 3 * 35 },
    (_, i) => (Math.floor(i / 35) % 3) * 64 + (Math.floor(i / 7) % 5) * 8 + (i % 7),
  ),
  labels: Uint8Array.from({ length: 40 }, (_, i) => i),
  count: 40,
  shape: [3, 5, 7],
};

describe('randomCrops', () => {
  const shape = [3, 4, 4];
  const cut = randomCrops(stored, seededRandom(1), 1, shape);
  const row = (n: number, c: number, y: number): number[] =>
    Array.from(cut.pixels.subarray(((n * 3 + c) * 4 + y) * 4, ((n * 3 + c) * 4 + y) * 4 + 4));

  test('cuts pieces out, of every channel the same, some of them turned', () => {
    expect([cut.count, cut.shape, cut.labels]).toEqual([40, shape, stored.labels]);
    const places = new Set<string>();
    for (let n = 0; n < 40; n++) {
      const first = row(n, 0, 0);
      const turned = first[0]! > first[1]!;
      const [top, left] = [first[0]! >> 3, Math.min(...first) & 7];
      places.add(`${top} ${left} ${turned}`);
      for (let c = 0; c < 3; c++) {
        for (let y = 0; y < 4; y++) {
          const expected = [0, 1, 2, 3].map((x) => c * 64 + (top + y) * 8 + left + x);
          expect(row(n, c, y)).toEqual(turned ? expected.reverse() : expected);
        }
      }
    }
    // 2 rows, 4 columns, 2 ways: 16 in all.
    expect(places.size).toBeGreaterThan(8);
    expect([...places].filter((place) => place.endsWith('true')).length).toBeGreaterThan(2);
  });

  test('repeats itself under the same chance, and stays in the middle at strength 0', () => {
    expect(randomCrops(stored, seededRandom(1), 1, shape)).toEqual(cut);
    expect(randomCrops(stored, seededRandom(2), 1, shape)).not.toEqual(cut);
    expect(randomCrops(stored, seededRandom(2), 0, shape)).toEqual(centreCrops(stored, shape));
  });
});

describe('centreCrops', () => {
  test('cuts out what preprocessImage cuts out', () => {
    const data = Uint8Array.from({ length: 105 }, (_, i) => stored.pixels[(i % 3) * 35 + Math.floor(i / 3)]!);
    const expected = preprocessImage({ width: 7, height: 5, channels: 3, data }, {}, [3, 2, 4]);
    expect([...centreCrops(stored, [3, 2, 4]).pixels.subarray(0, 24)]).toEqual([...expected]);
  });

  test('leaves alone what fits, floats too, and refuses what is too small', () => {
    expect(centreCrops(stored, [3, 5, 7])).toBe(stored);
    const floats = { ...stored, pixels: Float32Array.from(stored.pixels) };
    expect(centreCrops(floats, [3, 1, 1]).pixels).toBeInstanceOf(Float32Array);
    expect(() => centreCrops(stored, [3, 6, 7])).toThrow('"examples" expected at least [3, 6, 7], got [3, 5, 7]');
    expect(() => centreCrops(stored, [1, 5, 7])).toThrow('"examples" expected at least [1, 5, 7]');
  });
});

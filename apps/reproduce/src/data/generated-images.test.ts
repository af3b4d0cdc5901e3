import { seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { generateImages } from './generated-images.ts';

test('draws pictures without labels, each another, the same for the same seed', () => {
  const set = generateImages('drawn', 3, 16, seededRandom(1));
  expect(set.labels).toBeUndefined();
  expect(set.images.map(({ width, height, data }) => [width, height, data.length])).toEqual(
    Array(3).fill([16, 16, 768]),
  );
  expect(set.images[0]!.data).not.toEqual(set.images[1]!.data);
  expect(generateImages('drawn', 3, 16, seededRandom(1)).images[2]!.data).toEqual(set.images[2]!.data);
});

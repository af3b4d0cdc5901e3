import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InputLayer } from '@pare/core';
import { afterAll, expect, test } from 'vitest';
import { writePng } from '../../test/_pictures.ts';
import { readPictures } from './pictures.ts';

const folder = mkdtempSync(join(tmpdir(), 'pare-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const input: InputLayer = {
  kind: 'input',
  name: 'data',
  inputs: [],
  outputShape: [3, 2, 2],
  preprocess: { channelOrder: 'bgr', scale: 1 / 255, mean: [1, 2, 3], std: [4, 5, 6] },
};

test('gives the middle as raw bytes in planes of red, green and blue, in the order of paths', async () => {
  mkdirSync(join(folder, 'a'));
  writePng(join(folder, 'b.png'), 4, 4, (y) => [y, 10 + y, 20 + y]);
  writePng(join(folder, 'a', 'z.png'), 2, 2, () => [250, 251, 252]);
  const said: number[] = [];
  const found = await readPictures(folder, { input, classes: 2, onProgress: (_, done) => said.push(done) });
  expect(found).toEqual({
    examples: {
      pixels: Uint8Array.of(
        250,
        250,
        250,
        250,
        251,
        251,
        251,
        251,
        252,
        252,
        252,
        252,
        1,
        1,
        2,
        2,
        11,
        11,
        12,
        12,
        21,
        21,
        22,
        22,
      ),
      count: 2,
      shape: [3, 2, 2],
    },
    notes: [],
  });
  expect(said).toEqual([0]);
});

test('wonders about large pictures that are cut and not resized', async () => {
  const large = mkdtempSync(join(folder, 'large-'));
  writePng(join(large, 'a.png'), 9, 5, () => [0, 0, 0]);
  const { notes } = await readPictures(large, { input, classes: 2, onProgress() {} });
  expect(notes).toEqual([expect.stringMatching(/^images of 5 pixels are cut, not resized: say "resize"/)]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readPreprocess } from './preprocess-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'pare-preprocess-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'p.json');
const read = (text: string) => {
  writeFileSync(path, text);
  return readPreprocess(path);
};

test('reads what a network does to images', () => {
  const whole = { resize: 256, crop: [224, 200], channelOrder: 'bgr', scale: 0.5, mean: [1, 0, -2.5], std: [1, 2, 3] };
  expect(read(JSON.stringify(whole))).toEqual(whole);
  expect(read('{}')).toEqual({});
});

test.each([
  ['[]', /expected an object such as \{ "resize": 256/],
  ['{', /cannot read .*p\.json: /],
  ['{ "Mean": [1] }', /unknown field "Mean"; there are resize, crop, channelOrder, scale, mean, std/],
  ['{ "resize": 0 }', /"resize" expected pixels of the shorter side, a whole number ≥ 1, got 0/],
  ['{ "crop": 224 }', /"crop" expected \[height, width\] in pixels, got 224/],
  ['{ "channelOrder": "RGB" }', /"channelOrder" expected "rgb" or "bgr", got "RGB"/],
  ['{ "scale": "1/255" }', /"scale" expected a number but 0, got "1\/255"/],
  ['{ "mean": 104 }', /"mean" expected a list with a number a channel, got 104/],
  ['{ "std": [1, 0, 1] }', /"std" expected a list with a number above 0 a channel, got \[1,0,1\]/],
])('refuses %s', (text, message) => {
  expect(() => read(text)).toThrow(message);
});

test('says that there is no such file', () => {
  expect(() => readPreprocess(join(folder, 'nowhere.json'))).toThrow(/--preprocess: cannot read .*nowhere\.json/);
});

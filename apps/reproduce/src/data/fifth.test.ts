import { seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { holdBackFifth } from './fifth.ts';

const labels = Uint16Array.from({ length: 700 }, (_, i) => 10 * Math.floor(i / 7) + (i % 7)); // as in the sample: classes 0 … 996

test('holds back one of each five neighbours, and keeps the others', () => {
  const { calibration, heldBack } = holdBackFifth(labels, seededRandom(1));
  expect([calibration.length, heldBack.length]).toEqual([560, 140]);
  expect([...heldBack].map((index) => Math.floor(index / 5))).toEqual(Array.from({ length: 140 }, (_, i) => i));
  expect([...calibration, ...heldBack].sort((a, b) => a - b)).toEqual(Array.from(labels.keys()));
});

test('neighbours are those in the order of classes, not of files', () => {
  const shuffled = seededRandom(3).shuffle(labels.slice());
  const { heldBack } = holdBackFifth(shuffled, seededRandom(1));
  const classes = [...heldBack].map((index) => shuffled[index]!).sort((a, b) => a - b);
  const ordered = [...labels].sort((a, b) => a - b);
  expect(classes.map((label) => Math.floor(ordered.indexOf(label) / 5))).toEqual(
    Array.from({ length: 140 }, (_, i) => i),
  );
});

test('the same seed gives the same fifth, another seed another', () => {
  const once = holdBackFifth(labels, seededRandom(1)).heldBack;
  expect(holdBackFifth(labels, seededRandom(1)).heldBack).toEqual(once);
  expect(holdBackFifth(labels, seededRandom(2)).heldBack).not.toEqual(once);
});

test('images without classes are split by their order', () => {
  const { calibration, heldBack } = holdBackFifth(40, seededRandom(1));
  expect([calibration.length, heldBack.length]).toEqual([32, 8]);
});

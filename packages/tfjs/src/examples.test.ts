import { describe, expect, test } from 'vitest';
import { checkExamples, type Examples } from './examples.ts';

const examples: Examples = {
  pixels: new Uint8Array(3 * 4),
  labels: Uint8Array.of(0, 9, 2),
  count: 3,
  shape: [1, 2, 2],
};

describe('checkExamples', () => {
  test('accepts what hangs together, and what a model takes', () => {
    checkExamples(examples, 'test');
    checkExamples(examples, 'test', { classes: 10, shape: [1, 2, 2] });
    checkExamples(examples, 'test', { classes: undefined, shape: undefined });
  });

  test('refuses a label beyond the classes, which would be written into the next one-hot row', () => {
    expect(() => checkExamples(examples, 'train', { classes: 9 })).toThrow(
      new RangeError('train: "labels" expected values < 9, the model\'s classes, got 9 at index 1'),
    );
  });

  test("refuses pictures that are not of the shape of the model's input, as many values as they may have", () => {
    expect(() => checkExamples(examples, 'train', { shape: [4, 1, 1] })).toThrow(
      new RangeError('train: "shape" expected [4, 1, 1] as the model\'s input has, got [1, 2, 2]'),
    );
  });

  test('refuses counts and lengths that disagree', () => {
    expect(() => checkExamples({ ...examples, count: 0 }, 'train')).toThrow(
      'train: "count" expected at least 1, got 0',
    );
    expect(() => checkExamples({ ...examples, count: 2 }, 'train')).toThrow('train: "pixels" expected 2 × 4 values');
    expect(() => checkExamples({ ...examples, labels: new Uint8Array(2) }, 'train')).toThrow(
      'train: "labels" expected 3, got 2',
    );
  });
});

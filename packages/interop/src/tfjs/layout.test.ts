import { elementCount } from '@pare/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convolutionLayout, denseLayout, depthwiseLayout, fromTfjs, keepsOrder, toTfjs } from './layout.ts';

const counted = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i);

describe('layouts', () => {
  test('of convolutions put [r, s, c, k] at [k, c, r, s]', () => {
    const house = fromTfjs(counted(2 * 1 * 3 * 2), convolutionLayout([2, 1, 3, 2])); // R 2, S 1, C 3, K 2
    const at = (k: number, c: number, r: number): number => house[(k * 3 + c) * 2 + r]!;
    expect([at(0, 0, 0), at(1, 0, 0), at(0, 1, 0), at(1, 2, 1)]).toEqual([0, 1, 2, 11]);
  });

  test('of depthwise convolutions put the m-th filter of channel c at c·M + m', () => {
    const house = fromTfjs(counted(1 * 2 * 3 * 2), depthwiseLayout([1, 2, 3, 2])); // R 1, S 2, C 3, M 2
    expect([...house]).toEqual([0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
  });

  test('of dense kernels take the columns from H·W·C to C·H·W order', () => {
    const flattened = [1, 3, 2]; // H 1, W 3, C 2; K 2
    expect([...fromTfjs(counted(12), denseLayout([6, 2], flattened))]).toEqual([0, 4, 8, 2, 6, 10, 1, 5, 9, 3, 7, 11]);
    expect([...fromTfjs(counted(12), denseLayout([2, 6], flattened, true))]).toEqual([
      0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11,
    ]);
  });

  test('move nothing where all axes but one in front have one element', () => {
    expect(keepsOrder(convolutionLayout([1, 1, 1, 7]))).toBe(true);
    expect(keepsOrder(denseLayout([4, 7], undefined, true))).toBe(true);
    expect(keepsOrder(convolutionLayout([1, 1, 2, 7]))).toBe(false);
  });

  test('are undone exactly', () => {
    const layouts = fc
      .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 })
      .chain((view) =>
        fc.shuffledSubarray([...view.keys()], { minLength: view.length }).map((perm) => ({ view, perm })),
      );
    fc.assert(
      fc.property(layouts, (layout) => {
        const values = counted(elementCount(layout.view));
        expect(toTfjs(fromTfjs(values, layout), layout)).toEqual(values);
        if (keepsOrder(layout)) expect(fromTfjs(values, layout)).toEqual(values);
      }),
    );
  });

  test('refuse what is no order of the axes', () => {
    expect(() => fromTfjs(counted(4), { view: [2, 2], perm: [0, 0] })).toThrow(
      '"perm" expected an order of the 2 axes',
    );
    expect(() => fromTfjs(counted(4), { view: [2, 3], perm: [0, 1] })).toThrow(
      '"view" expected 4 elements, got [2, 3]',
    );
  });
});

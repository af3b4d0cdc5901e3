import type { Shape } from '@pare/core';

/** Numbers in a tensor whose extents are known to be whole numbers. */
export const countOf = (shape: Shape): number => shape.reduce((count, extent) => count * extent, 1);

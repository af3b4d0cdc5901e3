import type { Shape } from '@pare/core';

/** How a matrix is looked at; the encoder tries several ways and writes down the best. */
export interface Scan {
  /** Whether columns are visited one after another instead of rows. */
  readonly transposed: boolean;
  /** Columns that lie `width` apart are neighbours (images: the row length); 0 = only adjacent ones. */
  readonly width: number;
  /** Columns come in blocks of this many (R·S of a convolution); 1 = none. */
  readonly block: number;
}

/** The way of scanning that a shape suggests, written in one bit. */
export function usualScan(shape: Shape, linkedColumns: number): Scan {
  if (shape.length === 4) return { transposed: false, width: shape[3]!, block: shape[2]! * shape[3]! };
  const columns = shape.length > 1 ? shape.slice(1).reduce((a, b) => a * b, 1) : 0;
  const image = linkedColumns > 0 ? linkedColumns : columns;
  const side = Math.round(Math.sqrt(image));
  return { transposed: false, width: side * side === image && side > 1 ? side : 0, block: Math.max(1, linkedColumns) };
}

/** The places of a matrix that are visited, and how. A line is a row, or a column if the scan is transposed. */
export interface Places {
  /** Lines and columns with something in them, ascending. */
  readonly lines: Int32Array;
  readonly columns: Int32Array;
  /** `place = line · lineStride + column · columnStride` */
  readonly lineStride: number;
  readonly columnStride: number;
  /** Columns in a line, dead ones included. */
  readonly extent: number;
  readonly scan: Scan;
}

/** Finds the places where row and column are alive. */
export function placesOf(rowsAlive: Uint8Array, columnsAlive: Uint8Array, scan: Scan): Places {
  const { transposed } = scan;
  const columnCount = columnsAlive.length;
  return {
    lines: live(transposed ? columnsAlive : rowsAlive),
    columns: live(transposed ? rowsAlive : columnsAlive),
    lineStride: transposed ? 1 : columnCount,
    columnStride: transposed ? columnCount : 1,
    extent: transposed ? rowsAlive.length : columnCount,
    scan,
  };
}

/** Indices of the flags that are 1. */
function live(flags: Uint8Array): Int32Array {
  const indices = new Int32Array(flags.reduce((sum, flag) => sum + flag, 0));
  for (let i = 0, next = 0; i < flags.length; i++) if (flags[i] === 1) indices[next++] = i;
  return indices;
}

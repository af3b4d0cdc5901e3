import type { DenseExports } from './dense/exports.ts';

/** What the module exports. Numbers are addresses, in bytes, or counts; assembly/*.ts says what each argument is. */
export interface KernelExports extends DenseExports {
  bucketedRows(
    rows: number,
    chunkEnds: number,
    first: number,
    codes: number,
    offsets: number,
    codebook: number,
    bias: number,
    least: number,
    most: number,
    y: number,
  ): void;
  bucketedRowsAt(
    rows: number,
    chunkEnds: number,
    first: number,
    codes: number,
    offsets: number,
    codebook: number,
    x: number,
    bias: number,
    least: number,
    most: number,
    y: number,
  ): void;
  csrWindow(
    rows: number,
    rowEnds: number,
    offsets: number,
    values: number,
    bias: number,
    least: number,
    most: number,
    y: number,
  ): void;
  csrVector16(
    rows: number,
    rowEnds: number,
    columns: number,
    values: number,
    x: number,
    bias: number,
    least: number,
    most: number,
    y: number,
  ): void;
  csrVector32: KernelExports['csrVector16'];
  layOutPhases(
    x: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    left: number,
    strideDown: number,
    strideAcross: number,
    to: number,
    phasesDown: number,
    phasesAcross: number,
    rows: number,
    pitch: number,
    behind: number,
  ): void;
  compactPlanes(
    from: number,
    fromStride: number,
    planes: number,
    rows: number,
    pitch: number,
    columns: number,
    to: number,
    toStride: number,
  ): void;
  sparseRows(
    rows: number,
    rowEnds: number,
    entries: number,
    x: number,
    count: number,
    together: number,
    bias: number,
    least: number,
    most: number,
    isMore: number,
    y: number,
    stride: number,
  ): void;
  copyNumbers(x: number, count: number, y: number): void;
  zeroNumbers(y: number, count: number): void;
}

/** What the second module exports: see {@link moreExports}. */
export interface MoreExports {
  listNonzeros(x: number, count: number, list: number): number;
  bucketedColumns(
    list: number,
    listed: number,
    chunkStarts: number,
    codes: number,
    offsets: number,
    codebook: number,
    early: number,
    fetch: number,
    fetchable: number,
    x: number,
  ): number;
  bucketedColumnsAt(...columns: [...Parameters<MoreExports['bucketedColumns']>, y: number]): number;
  relativeRows(
    rows: number,
    ends: number,
    bytes: number,
    weights: number,
    x: number,
    bias: number,
    least: number,
    most: number,
    y: number,
  ): void;
  relativeColumns(
    list: number,
    listed: number,
    ends: number,
    bytes: number,
    weights: number,
    x: number,
    y: number,
  ): void;
  longGapRows4(
    rows: number,
    ends: number,
    gaps: number,
    codes: number,
    codebook: number,
    x: number,
    bias: number,
    least: number,
    most: number,
    y: number,
  ): void;
  longGapRows8: MoreExports['longGapRows4'];
  longGapColumns4(
    list: number,
    listed: number,
    ends: number,
    gaps: number,
    codes: number,
    codebook: number,
    x: number,
    y: number,
  ): void;
  longGapColumns8: MoreExports['longGapColumns4'];
  transposeNumbers(from: number, fromStride: number, rows: number, columns: number, to: number, toStride: number): void;
  clipNumbers(x: number, count: number, least: number, most: number, y: number): void;
}

/** What assembly/dense.ts exports; what the arguments are stands there, beside each function. */
export interface DenseExports {
  layOutPlanes(
    x: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    left: number,
    to: number,
    rows: number,
    stride: number,
    step: number,
  ): void;
  denseConvScratchBytes(filters: number): number;
  denseConv(
    x: number,
    rows: number,
    columns: number,
    rowStep: number,
    taps: number,
    depth: number,
    w: number,
    bias: number,
    filters: number,
    fives: number,
    y: number,
    least: number,
    most: number,
    scratch: number,
  ): void;
  denseDepthwise(
    x: number,
    planeStep: number,
    rows: number,
    columns: number,
    rowStep: number,
    taps: number,
    depth: number,
    w: number,
    bias: number,
    filters: number,
    multiplier: number,
    y: number,
    least: number,
    most: number,
  ): void;
  denseVector(
    rows: number,
    columns: number,
    w: number,
    x: number,
    bias: number,
    y: number,
    least: number,
    most: number,
  ): void;
  densePool(
    x: number,
    channels: number,
    height: number,
    width: number,
    windowRows: number,
    windowColumns: number,
    strideRows: number,
    strideColumns: number,
    top: number,
    left: number,
    average: number,
    y: number,
    rows: number,
    columns: number,
    scratch: number,
  ): void;
  denseAdd(a: number, b: number, y: number, count: number, least: number, most: number): void;
  denseScale(
    x: number,
    y: number,
    channels: number,
    plane: number,
    scale: number,
    shift: number,
    least: number,
    most: number,
  ): void;
  denseLrn(x: number, y: number, channels: number, plane: number, size: number, scale: number, k: number): void;
  winogradConv(
    x: number,
    planeStep: number,
    step: number,
    channels: number,
    tileRows: number,
    tileColumns: number,
    w: number,
    bias: number,
    filters: number,
    block: number,
    blockFives: number,
    lastFives: number,
    blockRows: number,
    y: number,
    height: number,
    width: number,
    least: number,
    most: number,
    scratch: number,
  ): void;
  winogradScratchBytes(channels: number, tileColumns: number, block: number, blockRows: number): number;
}

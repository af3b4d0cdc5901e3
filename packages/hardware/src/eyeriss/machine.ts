/** What can be built of a row-stationary chip. Defaults are Eyeriss. */
export interface RowStationaryMachine {
  /** Processing elements. */
  readonly peCount: number;
  /** Words of 16 bits that an element keeps: of filters, inputs and partial sums. */
  readonly filterWords: number;
  readonly inputWords: number;
  readonly sumWords: number;
  /** Words of the global buffer for inputs and partial sums; weights pass it by. */
  readonly bufferWords: number;
}

/** @see Chen et al. 2017 (JSSC), section V: 168 elements, 108 KB, of which 100 KiB for inputs and sums */
export const EYERISS: RowStationaryMachine = {
  peCount: 168,
  filterWords: 224,
  inputWords: 12,
  sumWords: 24,
  bufferWords: 51_200,
};

/** How a layer is laid over the machine, in the letters of the papers. */
export interface Mapping {
  /** Output channels whose sums the buffer holds at once. */
  readonly m: number;
  /** Images at once. */
  readonly n: number;
  /** Output rows of a strip. */
  readonly e: number;
  /** Filters and channels that an element works on at once. */
  readonly p: number;
  readonly q: number;
  /** Sets of elements that work on different channels, and on different filters. */
  readonly r: number;
  readonly t: number;
}

/** Pictures with their labels, as they lie in the idx files. */
export interface Examples {
  /** [count, 28, 28] row-major, 0 = paper, 255 = ink. */
  readonly pixels: Uint8Array;
  /** One per picture, 0 … 9. */
  readonly labels: Uint8Array;
  readonly count: number;
  /** Of one picture: channels, rows, columns. */
  readonly shape: readonly [1, 28, 28];
}

/** The names that the four files have had since they were published, without `.gz`. */
export type MnistFileName =
  | 'train-images-idx3-ubyte'
  | 'train-labels-idx1-ubyte'
  | 't10k-images-idx3-ubyte'
  | 't10k-labels-idx1-ubyte';

/** A training set and a test set of digits, and where they come from. */
export interface MnistData {
  readonly train: Examples;
  readonly test: Examples;
  /** `'generated'` digits are drawn by us; no number measured on them may be compared with one measured on MNIST. */
  readonly source: 'real' | 'generated';
  /** SHA-256 in hex of each idx file, decompressed; for generated digits, of the file they would be. */
  readonly sha256: Readonly<Record<MnistFileName, string>>;
  /** A sentence for a report: where the data was found, or why real data was not. Holds no path of this machine. */
  readonly note: string;
}

/** Rows and columns of a picture. */
export const SIDE = 28;
/** Pixels of a picture. */
export const PIXELS: number = SIDE * SIDE;

import type { MnistFileName } from './examples.ts';

/** A file we want, and how we know that we have it. */
export interface PinnedFile {
  readonly name: MnistFileName;
  /** As its idx header states it. */
  readonly shape: readonly number[];
  /** In hex, of the decompressed file: each mirror compresses differently, the content is the same. */
  readonly sha256: string;
}

/** MNIST as LeCun, Cortes and Burges published it. The MD5s beside the pins are those of the original distribution. */
export const MNIST_FILES: readonly PinnedFile[] = [
  {
    name: 'train-images-idx3-ubyte', // MD5 6bbc9ace898e44ae57da46a324031adb
    shape: [60_000, 28, 28],
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  {
    name: 'train-labels-idx1-ubyte', // MD5 a25bea736e30d166cdddb491f175f624
    shape: [60_000],
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  {
    name: 't10k-images-idx3-ubyte', // MD5 2646ac647ad5339dbf082846283269ea
    shape: [10_000, 28, 28],
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  {
    name: 't10k-labels-idx1-ubyte', // MD5 27ae3e4e09519cfbb04c329615203637
    shape: [10_000],
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
];

/** Public folders holding `<name>.gz`, in the order tried: PyTorch's mirror, the Common Visual Data Foundation's. */
export const MNIST_MIRRORS: readonly string[] = [
  'https://ossci-datasets.s3.amazonaws.com/mnist',
  'https://storage.googleapis.com/cvdf-datasets/mnist',
];

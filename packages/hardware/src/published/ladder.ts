/** AlexNet on a device. @see NVIDIA 2015, whitepaper "GPU-based deep learning inference" */
export interface WhitepaperRow {
  readonly device: string;
  readonly precision: 'FP32' | 'FP16';
  readonly batch: number;
  readonly imagesPerSecond: number;
  readonly watts: number;
  /** `'confirmed'`, or `'from memory'`: quoted without having been seen again. */
  readonly status: 'confirmed' | 'from memory';
}

/** Where "confirmed", throughput and efficiency are. The batch of 48 is from memory. */
export const NVIDIA_ALEXNET: readonly WhitepaperRow[] = [
  { device: 'Tegra X1', precision: 'FP32', batch: 1, imagesPerSecond: 47, watts: 5.5, status: 'from memory' },
  { device: 'Tegra X1', precision: 'FP16', batch: 1, imagesPerSecond: 67, watts: 5.1, status: 'from memory' },
  { device: 'Core i7-6700K', precision: 'FP32', batch: 1, imagesPerSecond: 62, watts: 49.7, status: 'from memory' },
  { device: 'Tegra X1', precision: 'FP32', batch: 128, imagesPerSecond: 155, watts: 6, status: 'from memory' },
  { device: 'Tegra X1', precision: 'FP16', batch: 128, imagesPerSecond: 258, watts: 5.7, status: 'confirmed' },
  { device: 'Core i7-6700K', precision: 'FP32', batch: 48, imagesPerSecond: 242, watts: 62.5, status: 'confirmed' },
  { device: 'Titan X', precision: 'FP32', batch: 1, imagesPerSecond: 405, watts: 164, status: 'from memory' },
  { device: 'Xeon E5-2698 v3', precision: 'FP32', batch: 1, imagesPerSecond: 76, watts: 111.7, status: 'from memory' },
  { device: 'Titan X', precision: 'FP32', batch: 128, imagesPerSecond: 3216, watts: 227, status: 'from memory' },
  { device: 'Xeon E5-2698 v3', precision: 'FP32', batch: 128, imagesPerSecond: 476, watts: 149, status: 'from memory' },
];

/** What was claimed of a step of the ladder, and what tables show. */
export interface LadderRow {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  /** Efficiency of the second over the first, lower and upper end. */
  readonly ratio: readonly [number, number];
  readonly source: string;
}

export const LADDER_ROWS: readonly LadderRow[] = [
  { what: 'rule of thumb, each step', from: 'CPU', to: 'GPU', ratio: [10, 10], source: 'a blog report of 2016' },
  {
    what: 'AlexNet, image/s/W, FP16',
    from: 'Core i7-6700K',
    to: 'Tegra X1',
    ratio: [11.5, 11.5],
    source: 'NVIDIA 2015',
  },
  { what: 'AlexNet, image/s/W', from: 'Xeon E5', to: 'Titan X', ratio: [3.6, 4.4], source: 'NVIDIA 2015' },
  {
    what: 'fc7 as matrix-vector product, frame/J',
    from: 'Core i7-5930K',
    to: 'Titan X',
    ratio: [11.7, 11.7],
    source: 'EIE, table V',
  },
  {
    what: 'fc7 as matrix-vector product, frame/J',
    from: 'Titan X',
    to: 'A-Eye',
    ratio: [0.13, 0.13],
    source: 'EIE, table V',
  },
  {
    what: 'fc7 as matrix-vector product, frame/J',
    from: 'Titan X',
    to: 'EIE, 64 PE',
    ratio: [5364, 5364],
    source: 'EIE, table V',
  },
];

import type { Mapping } from '../eyeriss/machine.ts';

/** What the chip's counters and meters said about a convolution. Bytes are 10⁶. */
export interface ChipLayer {
  readonly name: string;
  /** For the whole batch. */
  readonly milliwatts: number;
  readonly latencyMs: number;
  readonly processingMs: number;
  readonly activePes: number;
  readonly inputZeros: number;
  readonly bufferMB: number;
  readonly dramMB: number;
}

/** AlexNet's convolutions, batch 4, 200 MHz. @see Chen et al. 2017 (JSSC), table V */
export const CHIP_ALEXNET: readonly ChipLayer[] = [
  {
    name: 'conv1',
    milliwatts: 332,
    latencyMs: 20.9,
    processingMs: 16.5,
    activePes: 154,
    inputZeros: 0.0001,
    bufferMB: 18.5,
    dramMB: 5.0,
  },
  {
    name: 'conv2',
    milliwatts: 288,
    latencyMs: 41.9,
    processingMs: 39.2,
    activePes: 135,
    inputZeros: 0.387,
    bufferMB: 77.6,
    dramMB: 4.0,
  },
  {
    name: 'conv3',
    milliwatts: 266,
    latencyMs: 23.6,
    processingMs: 21.8,
    activePes: 156,
    inputZeros: 0.725,
    bufferMB: 50.2,
    dramMB: 3.0,
  },
  {
    name: 'conv4',
    milliwatts: 235,
    latencyMs: 18.4,
    processingMs: 16.0,
    activePes: 156,
    inputZeros: 0.793,
    bufferMB: 37.4,
    dramMB: 2.1,
  },
  {
    name: 'conv5',
    milliwatts: 236,
    latencyMs: 10.5,
    processingMs: 10.0,
    activePes: 156,
    inputZeros: 0.776,
    bufferMB: 24.9,
    dramMB: 1.3,
  },
];

/**
 * The chip's own mapping of these layers. That of conv3 is printed as q 4, r 1, t 4 in the copy that was read, which would move 69.2 MB
 * through the buffer; the 50.2 MB that the chip counted need six channels a pass.
 *
 * @see Chen et al. 2017 (JSSC), table III
 */
export const CHIP_MAPPING: Readonly<Record<string, Mapping>> = {
  conv1: { m: 96, n: 1, e: 7, p: 16, q: 1, r: 1, t: 2 },
  conv2: { m: 64, n: 1, e: 27, p: 16, q: 2, r: 1, t: 1 },
  conv3: { m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 2 },
  conv4: { m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 2 },
  conv5: { m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 2 },
};

/** Shares of zeros in the outputs, not printed: taken so that they go with the next layer's inputs and the traffic off the chip. */
export const CHIP_OUTPUT_ZEROS: Readonly<Record<string, number>> = {
  conv1: 0.51,
  conv2: 0.807,
  conv3: 0.724,
  conv4: 0.702,
  conv5: 0.905,
};

/** VGG-16's convolutions, batch 3. Its mapping is not published. @see Chen et al. 2017 (JSSC), table VI */
export const CHIP_VGG16: readonly ChipLayer[] = [
  {
    name: 'conv1_1',
    milliwatts: 247,
    latencyMs: 76.2,
    processingMs: 38,
    activePes: 156,
    inputZeros: 0.016,
    bufferMB: 112.6,
    dramMB: 15.4,
  },
  {
    name: 'conv1_2',
    milliwatts: 218,
    latencyMs: 910.3,
    processingMs: 810.6,
    activePes: 156,
    inputZeros: 0.477,
    bufferMB: 2402.8,
    dramMB: 54.0,
  },
  {
    name: 'conv2_1',
    milliwatts: 242,
    latencyMs: 470.3,
    processingMs: 405.3,
    activePes: 156,
    inputZeros: 0.248,
    bufferMB: 1201.4,
    dramMB: 33.4,
  },
  {
    name: 'conv2_2',
    milliwatts: 231,
    latencyMs: 894.3,
    processingMs: 810.8,
    activePes: 156,
    inputZeros: 0.387,
    bufferMB: 2402.8,
    dramMB: 48.5,
  },
  {
    name: 'conv3_1',
    milliwatts: 254,
    latencyMs: 241.1,
    processingMs: 204,
    activePes: 156,
    inputZeros: 0.397,
    bufferMB: 607.4,
    dramMB: 20.2,
  },
  {
    name: 'conv3_2',
    milliwatts: 235,
    latencyMs: 460.9,
    processingMs: 408.1,
    activePes: 156,
    inputZeros: 0.581,
    bufferMB: 1214.8,
    dramMB: 32.2,
  },
  {
    name: 'conv3_3',
    milliwatts: 233,
    latencyMs: 457.7,
    processingMs: 408.1,
    activePes: 156,
    inputZeros: 0.587,
    bufferMB: 1214.8,
    dramMB: 30.8,
  },
  {
    name: 'conv4_1',
    milliwatts: 278,
    latencyMs: 135.8,
    processingMs: 105.1,
    activePes: 168,
    inputZeros: 0.643,
    bufferMB: 321.8,
    dramMB: 17.8,
  },
  {
    name: 'conv4_2',
    milliwatts: 261,
    latencyMs: 254.8,
    processingMs: 210,
    activePes: 168,
    inputZeros: 0.747,
    bufferMB: 643.7,
    dramMB: 28.6,
  },
  {
    name: 'conv4_3',
    milliwatts: 240,
    latencyMs: 246.3,
    processingMs: 210,
    activePes: 168,
    inputZeros: 0.854,
    bufferMB: 643.7,
    dramMB: 22.8,
  },
  {
    name: 'conv5_1',
    milliwatts: 258,
    latencyMs: 54.3,
    processingMs: 48.3,
    activePes: 168,
    inputZeros: 0.794,
    bufferMB: 90,
    dramMB: 6.3,
  },
  {
    name: 'conv5_2',
    milliwatts: 236,
    latencyMs: 53.7,
    processingMs: 48.5,
    activePes: 168,
    inputZeros: 0.874,
    bufferMB: 90,
    dramMB: 5.7,
  },
  {
    name: 'conv5_3',
    milliwatts: 230,
    latencyMs: 53.7,
    processingMs: 48.5,
    activePes: 168,
    inputZeros: 0.885,
    bufferMB: 90,
    dramMB: 5.6,
  },
];

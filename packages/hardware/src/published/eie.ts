/**
 * The nine benchmark layers.
 *
 * @see Han et al. 2016 (EIE), arXiv:1602.01528, table III (densities) and table IV (times in µs)
 */
export const EIE_BENCHMARKS: readonly EieBenchmark[] = [
  {
    name: 'Alex-6',
    columns: 9216,
    rows: 4096,
    weightDensity: 0.09,
    activationDensity: 0.351,
    theoreticalUs: 28.1,
    actualUs: 30.3,
  },
  {
    name: 'Alex-7',
    columns: 4096,
    rows: 4096,
    weightDensity: 0.09,
    activationDensity: 0.353,
    theoreticalUs: 11.7,
    actualUs: 12.2,
  },
  {
    name: 'Alex-8',
    columns: 4096,
    rows: 1000,
    weightDensity: 0.25,
    activationDensity: 0.375,
    theoreticalUs: 8.9,
    actualUs: 9.9,
  },
  {
    name: 'VGG-6',
    columns: 25088,
    rows: 4096,
    weightDensity: 0.04,
    activationDensity: 0.183,
    theoreticalUs: 28.1,
    actualUs: 34.4,
  },
  {
    name: 'VGG-7',
    columns: 4096,
    rows: 4096,
    weightDensity: 0.04,
    activationDensity: 0.375,
    theoreticalUs: 7.9,
    actualUs: 8.7,
  },
  {
    name: 'VGG-8',
    columns: 4096,
    rows: 1000,
    weightDensity: 0.23,
    activationDensity: 0.411,
    theoreticalUs: 7.3,
    actualUs: 8.4,
  },
  {
    name: 'NT-We',
    columns: 4096,
    rows: 600,
    weightDensity: 0.1,
    activationDensity: 1,
    theoreticalUs: 5.2,
    actualUs: 8.0,
  },
  {
    name: 'NT-Wd',
    columns: 600,
    rows: 8791,
    weightDensity: 0.11,
    activationDensity: 1,
    theoreticalUs: 13.0,
    actualUs: 13.9,
  },
  {
    name: 'NT-LSTM',
    columns: 1201,
    rows: 2400,
    weightDensity: 0.1,
    activationDensity: 1,
    theoreticalUs: 6.5,
    actualUs: 7.5,
  },
];

export interface EieBenchmark {
  readonly name: string;
  /** Inputs and outputs of the matrix. */
  readonly columns: number;
  readonly rows: number;
  readonly weightDensity: number;
  readonly activationDensity: number;
  readonly theoreticalUs: number;
  readonly actualUs: number;
}

/** Times of one row of table IV, µs per frame, in the order of `EIE_BENCHMARKS`. */
export interface EieTimes {
  readonly device: 'CPU' | 'GPU' | 'mGPU';
  readonly matrix: 'dense' | 'sparse';
  readonly batch: 1 | 64;
  readonly us: readonly number[];
}

/** @see Han et al. 2016 (EIE), table IV */
export const EIE_TIMES: readonly EieTimes[] = [
  {
    device: 'CPU',
    matrix: 'dense',
    batch: 1,
    us: [7516.2, 6187.1, 1134.9, 35022.8, 5372.8, 774.2, 605.0, 1361.4, 470.5],
  },
  { device: 'CPU', matrix: 'sparse', batch: 1, us: [3066.5, 1282.1, 890.5, 3774.3, 545.1, 777.3, 261.2, 437.4, 260.0] },
  { device: 'CPU', matrix: 'dense', batch: 64, us: [318.4, 188.9, 45.8, 1056.0, 188.3, 45.7, 28.7, 69.0, 28.8] },
  { device: 'CPU', matrix: 'sparse', batch: 64, us: [1417.6, 682.1, 407.7, 1780.3, 274.9, 363.1, 117.7, 176.4, 107.4] },
  { device: 'GPU', matrix: 'dense', batch: 1, us: [541.5, 243.0, 80.5, 1467.8, 243.0, 80.5, 65, 90.1, 51.9] },
  { device: 'GPU', matrix: 'sparse', batch: 1, us: [134.8, 65.8, 54.6, 167.0, 39.8, 48.0, 17.7, 41.1, 18.5] },
  { device: 'GPU', matrix: 'dense', batch: 64, us: [19.8, 8.9, 5.9, 53.6, 8.9, 5.9, 3.2, 2.3, 2.5] },
  { device: 'GPU', matrix: 'sparse', batch: 64, us: [94.6, 51.5, 23.2, 121.5, 24.4, 22.0, 10.9, 11.0, 9.0] },
  {
    device: 'mGPU',
    matrix: 'dense',
    batch: 1,
    us: [12437.2, 5765.0, 2252.1, 35427.0, 5544.3, 2243.1, 1316, 2565.5, 956.9],
  },
  { device: 'mGPU', matrix: 'sparse', batch: 1, us: [2879.3, 1256.5, 837.0, 4377.2, 626.3, 745.1, 240.6, 570.6, 315] },
  { device: 'mGPU', matrix: 'dense', batch: 64, us: [1663.6, 2056.8, 298.0, 2001.4, 2050.7, 483.9, 87.8, 956.3, 95.2] },
  {
    device: 'mGPU',
    matrix: 'sparse',
    batch: 64,
    us: [4003.9, 1372.8, 576.7, 8024.8, 660.2, 544.1, 236.3, 187.7, 186.5],
  },
];

/** Means over the nine layers that the paper states. @see Han et al. 2016 (EIE), abstract and figures 6 and 7 */
export const EIE_MEANS: Readonly<Record<EieTimes['device'], { readonly speedup: number; readonly energy: number }>> = {
  CPU: { speedup: 189, energy: 24000 },
  GPU: { speedup: 13, energy: 3400 },
  mGPU: { speedup: 307, energy: 2700 },
};

/** Watts of the devices of table IV, and of EIE with 64 elements. @see Han et al. 2016 (EIE), table V */
export const EIE_WATTS = { CPU: 73, GPU: 159, mGPU: 5.1, EIE: 0.59 } as const;

/** Speed-up over the CPU's dense row, batch 1. @see Han et al. 2016 (EIE), figure 6 */
export const EIE_FIGURE_6: Readonly<Record<string, readonly number[]>> = {
  'CPU sparse': [2, 5, 1, 9, 10, 1, 2, 3, 2],
  'GPU dense': [14, 25, 14, 24, 22, 10, 9, 15, 9],
  'GPU sparse': [56, 94, 21, 210, 135, 16, 34, 33, 25],
  'mGPU dense': [0.6, 1.1, 0.5, 1, 1, 0.3, 0.5, 0.5, 0.5],
  'mGPU sparse': [3, 5, 1, 8, 9, 1, 3, 2, 1],
  EIE: [248, 507, 115, 1018, 618, 92, 63, 98, 60],
};

/** Energy efficiency over the CPU's dense row, batch 1. @see Han et al. 2016 (EIE), figure 7 */
export const EIE_FIGURE_7: Readonly<Record<string, readonly number[]>> = {
  'CPU sparse': [5, 9, 3, 17, 20, 2, 6, 6, 4],
  'GPU dense': [7, 12, 7, 10, 10, 5, 6, 6, 5],
  'GPU sparse': [26, 37, 10, 78, 61, 8, 25, 14, 15],
  'mGPU dense': [10, 15, 7, 13, 14, 5, 8, 7, 7],
  'mGPU sparse': [37, 59, 18, 101, 102, 14, 39, 25, 20],
  EIE: [34522, 61533, 14826, 119797, 76784, 11828, 9485, 10904, 8053],
};

/** One column of table V: FC7 of AlexNet as a matrix-vector product. TrueNorth's throughput is that of a TIMIT LSTM. */
export interface EiePlatform {
  readonly name: string;
  readonly type: 'CPU' | 'GPU' | 'mGPU' | 'FPGA' | 'ASIC';
  readonly year: number;
  readonly technology: string;
  readonly areaMm2: number | null;
  readonly watts: number;
  readonly framesPerSecond: number;
  readonly framesPerJoule: number;
}

/** @see Han et al. 2016 (EIE), table V */
export const EIE_PLATFORMS: readonly EiePlatform[] = [
  {
    name: 'Core-i7 5930K',
    type: 'CPU',
    year: 2014,
    technology: '22nm',
    areaMm2: 356,
    watts: 73,
    framesPerSecond: 162,
    framesPerJoule: 2.22,
  },
  {
    name: 'GeForce Titan X',
    type: 'GPU',
    year: 2015,
    technology: '28nm',
    areaMm2: 601,
    watts: 159,
    framesPerSecond: 4115,
    framesPerJoule: 25.9,
  },
  {
    name: 'Tegra K1',
    type: 'mGPU',
    year: 2014,
    technology: '28nm',
    areaMm2: null,
    watts: 5.1,
    framesPerSecond: 173,
    framesPerJoule: 33.9,
  },
  {
    name: 'A-Eye',
    type: 'FPGA',
    year: 2015,
    technology: '28nm',
    areaMm2: null,
    watts: 9.63,
    framesPerSecond: 33,
    framesPerJoule: 3.43,
  },
  {
    name: 'DaDianNao',
    type: 'ASIC',
    year: 2014,
    technology: '28nm',
    areaMm2: 67.7,
    watts: 15.97,
    framesPerSecond: 147938,
    framesPerJoule: 9263,
  },
  {
    name: 'TrueNorth',
    type: 'ASIC',
    year: 2014,
    technology: '28nm',
    areaMm2: 430,
    watts: 0.18,
    framesPerSecond: 1989,
    framesPerJoule: 10839,
  },
  {
    name: 'EIE, 64 PE',
    type: 'ASIC',
    year: 2016,
    technology: '45nm',
    areaMm2: 40.8,
    watts: 0.59,
    framesPerSecond: 81967,
    framesPerJoule: 138927,
  },
  {
    name: 'EIE, 256 PE, 28 nm',
    type: 'ASIC',
    year: 2016,
    technology: '28nm',
    areaMm2: 63.8,
    watts: 2.36,
    framesPerSecond: 426230,
    framesPerJoule: 180606,
  },
];

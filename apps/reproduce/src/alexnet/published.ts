/** One line of Deep Compression's tables 4 and 5: what became of a layer. Rates are shares of the float32 size. */
export interface PublishedLayer {
  readonly name: string;
  /** Kept share. */
  readonly density: number;
  /** Bits of a code and of a relative index, as stored before Huffman coding and on average after it. */
  readonly weightBits: number;
  readonly weightBitsHuffman: number;
  readonly indexBits: number;
  readonly indexBitsHuffman: number;
  readonly rate: number;
  readonly rateHuffman: number;
}

/** A published table, with the size that goes with it. */
export interface PublishedNetwork {
  readonly source: string;
  readonly layers: readonly PublishedLayer[];
  /** All layers together. */
  readonly total: PublishedLayer;
  readonly bytes: number;
}

/** Caffe's AlexNet: 8-bit codes in convolutions, 5-bit codes in dense layers, 4-bit relative indices. */
export const alexnetPublished: PublishedNetwork = {
  source: 'Han, Mao, Dally 2016, arXiv:1510.00149, table 4; size from table 1',
  layers: [
    row('conv1', 84, 8, 6.3, 4, 1.2, 32.6, 20.53),
    row('conv2', 38, 8, 5.5, 4, 2.3, 14.5, 9.43),
    row('conv3', 35, 8, 5.1, 4, 2.6, 13.1, 8.44),
    row('conv4', 37, 8, 5.2, 4, 2.5, 14.1, 9.11),
    row('conv5', 37, 8, 5.6, 4, 2.5, 14, 9.43),
    row('fc6', 9, 5, 3.9, 4, 3.2, 3, 2.39),
    row('fc7', 9, 5, 3.6, 4, 3.7, 3, 2.46),
    row('fc8', 25, 5, 4, 4, 3.2, 7.3, 5.85),
  ],
  total: row('total', 11, 5.4, 4, 4, 3.2, 3.7, 2.88),
  bytes: 6.9e6,
};

/** VGG-16: 8-bit codes in convolutions, 5-bit codes in dense layers, 5-bit relative indices. */
export const vgg16Published: PublishedNetwork = {
  source: 'Han, Mao, Dally 2016, arXiv:1510.00149, table 5; size from table 1',
  layers: [
    row('conv1_1', 58, 8, 6.8, 5, 1.7, 40, 29.97),
    row('conv1_2', 22, 8, 6.5, 5, 2.6, 9.8, 6.99),
    row('conv2_1', 34, 8, 5.6, 5, 2.4, 14.3, 8.91),
    row('conv2_2', 36, 8, 5.9, 5, 2.3, 14.7, 9.31),
    row('conv3_1', 53, 8, 4.8, 5, 1.8, 21.7, 11.15),
    row('conv3_2', 24, 8, 4.6, 5, 2.9, 9.7, 5.67),
    row('conv3_3', 42, 8, 4.6, 5, 2.2, 17, 8.96),
    row('conv4_1', 32, 8, 4.6, 5, 2.6, 13.1, 7.29),
    row('conv4_2', 27, 8, 4.2, 5, 2.9, 10.9, 5.93),
    row('conv4_3', 34, 8, 4.4, 5, 2.5, 14, 7.47),
    row('conv5_1', 35, 8, 4.7, 5, 2.5, 14.3, 8),
    row('conv5_2', 29, 8, 4.6, 5, 2.7, 11.7, 6.52),
    row('conv5_3', 36, 8, 4.6, 5, 2.3, 14.8, 7.79),
    row('fc6', 4, 5, 3.6, 5, 3.5, 1.6, 1.1),
    row('fc7', 4, 5, 4, 5, 4.3, 1.5, 1.25),
    row('fc8', 23, 5, 4, 5, 3.4, 7.1, 5.24),
  ],
  total: row('total', 7.5, 6.4, 4.1, 5, 3.1, 3.2, 2.05),
  bytes: 11.3e6,
};

/** A row as printed: density and rates in per cent. */
function row(
  name: string,
  density: number,
  weightBits: number,
  weightBitsHuffman: number,
  indexBits: number,
  indexBitsHuffman: number,
  rate: number,
  rateHuffman: number,
): PublishedLayer {
  const bits = { weightBits, weightBitsHuffman, indexBits, indexBitsHuffman };
  return { name, density: density / 100, ...bits, rate: rate / 100, rateHuffman: rateHuffman / 100 };
}

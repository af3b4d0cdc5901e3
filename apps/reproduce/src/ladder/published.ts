/** A row of SqueezeNet's table 2, as printed. */
export interface PublishedRow {
  readonly architecture: 'AlexNet' | 'SqueezeNet';
  readonly method: string;
  readonly dataType: string;
  /** Of the network before compression, in MB as the paper counts them: 2^20 bytes, rounded. */
  readonly originalMb: number;
  readonly compressedMb: number;
  /** Against AlexNet as float32. */
  readonly ratio: number;
  /** On ImageNet's 50,000 validation images, in percent. */
  readonly top1: number;
  readonly top5: number;
}

export const PUBLISHED_SOURCE =
  'Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer 2016, arXiv:1602.07360v4, table 2 (48 MB and 79.4 % of the SVD row quoted from memory)';

/** The seven rows, from AlexNet to SqueezeNet in 6 bits. */
export const TABLE_2 = {
  alexnet: row('AlexNet', 'none', '32 bit', 240, 240, 1, 57.2, 80.3),
  svd: row('AlexNet', 'SVD (Denton et al.)', '32 bit', 240, 48, 5, 56.0, 79.4),
  pruned: row('AlexNet', 'Network pruning (Han et al.)', '32 bit', 240, 27, 9, 57.2, 80.3),
  deepCompression: row('AlexNet', 'Deep Compression (Han et al.)', '5–8 bit', 240, 6.9, 35, 57.2, 80.3),
  squeezenet: row('SqueezeNet', 'none', '32 bit', 4.8, 4.8, 50, 57.5, 80.3),
  squeezenet8: row('SqueezeNet', 'Deep Compression', '8 bit', 4.8, 0.66, 363, 57.5, 80.3),
  squeezenet6: row('SqueezeNet', 'Deep Compression', '6 bit', 4.8, 0.47, 510, 57.5, 80.3),
} as const;

function row(
  architecture: PublishedRow['architecture'],
  method: string,
  dataType: string,
  originalMb: number,
  compressedMb: number,
  ratio: number,
  top1: number,
  top5: number,
): PublishedRow {
  return { architecture, method, dataType, originalMb, compressedMb, ratio, top1, top5 };
}

/** AlexNet's 60,965,224 parameters as float32: what every ratio is counted from. */
export const ALEXNET_BYTES: number = 4 * 60_965_224;

/**
 * Densities of SqueezeNet v1.0 after pruning, by weight's name, 0 … 1: table 1, but for the 3 × 3 kernels of fire8 and fire9, of which
 * the printed counts and the released file say 30 % where 33 % is printed.
 */
export const SQUEEZENET_DENSITIES: Readonly<Record<string, number>> = {
  'conv1/kernel': 1,
  'conv10/kernel': 0.2,
  ...fire('fire2', 1, 1, 0.33),
  ...fire('fire3', 1, 1, 0.33),
  ...fire('fire4', 1, 1, 0.33),
  ...fire('fire5', 1, 1, 0.33),
  ...fire('fire6', 1, 0.5, 0.33),
  ...fire('fire7', 0.5, 1, 0.33),
  ...fire('fire8', 1, 0.5, 0.3),
  ...fire('fire9', 0.5, 1, 0.3),
};

function fire(name: string, squeeze: number, expand1x1: number, expand3x3: number): Record<string, number> {
  return {
    [`${name}/squeeze1x1/kernel`]: squeeze,
    [`${name}/expand1x1/kernel`]: expand1x1,
    [`${name}/expand3x3/kernel`]: expand3x3,
  };
}

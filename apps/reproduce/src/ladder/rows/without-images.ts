import { compressModel } from '@pare/compress';
import { parameterCount } from '@pare/core';
import type { NetworkName } from '../../data/networks.ts';
import { pareFile } from '../pare-file.ts';
import { pointOf } from '../point.ts';
import { defineRow, type Point, type Row } from '../row.ts';
import { sensitivityOf } from '../sensitivity.ts';

/** Bytes that are tried; the first is the row's own. */
const SIZES = [860_000, 650_000, 500_000, 420_000] as const;

/**
 * What `@pare/compress` makes of a network of which it sees nothing but the weights: the least error of these in so many bytes. It is
 * what images have to be better than.
 */
const withoutImages = (prefix: string, title: string, against: NetworkName): Row =>
  defineRow({
    id: `${prefix}-without-images`,
    title: `${title}, without images`,
    architecture: title,
    group: 'ours',
    runs: 'full',
    against,
    async run(context) {
      const { network, tryOut, report, signal, mode } = context;
      const model = await network(against);
      const sizes = mode === 'smoke' ? [parameterCount(model)] : SIZES;
      const points: Point[] = [];
      const files: Uint8Array[] = [];
      for (const [i, targetSize] of sizes.entries()) {
        report(`${targetSize.toLocaleString('en-US')} B`, i / sizes.length);
        const { bytes, model: small } = await compressModel(model, {
          targetSize,
          signal,
          ...(mode === 'smoke' && { coding: 'fast' as const }),
        });
        points.push(pointOf('without images', bytes.length, await tryOut(small, against)));
        files.push(bytes);
      }
      return pareFile(files[0]!, 'least error of the weights in so many bytes, no images asked', {
        points,
        sensitivity: await sensitivityOf(context, against),
      });
    },
  });

export const withoutImagesRows: readonly Row[] = [
  withoutImages('squeezenet', 'SqueezeNet v1.0', 'squeezenet-1.0'),
  withoutImages('squeezenet-1.1', 'SqueezeNet v1.1', 'squeezenet-1.1'),
];

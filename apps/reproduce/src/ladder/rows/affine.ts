import type { NetworkName } from '../../data/networks.ts';
import { affineNetwork } from '../affine.ts';
import { defineRow, type Row } from '../row.ts';

/**
 * What was measured before on 600 other images, of v1.0: bytes and share of equal answers. To stand beside what we measure.
 *
 * @see RATE-DISTORTION.md of the design notes
 */
const BEFORE: Readonly<Record<number, string>> = {
  8: '956,635 B, 93.8 % equal answers',
  6: '653,587 B, 82.0 % equal answers',
  5: '500,908 B, 64.3 % equal answers',
  4: '350,805 B, 7.0 % equal answers',
};

const affineRow = (prefix: string, title: string, against: NetworkName, bits: number): Row =>
  defineRow({
    id: `${prefix}-uint${bits}`,
    title: `${title}, uint${bits} + brotli −11`,
    architecture: title,
    group: 'free',
    runs: 'full',
    against,
    async run({ network }) {
      const { bytes, model } = affineNetwork(await network(against), bits);
      const before = against === 'squeezenet-1.0' ? `; on 600 other images: ${BEFORE[bits]}` : '';
      return { bytes, model, note: `affine integers of ${bits} bits per tensor, biases float32${before}` };
    },
  });

/** What everyone has for free, for both dense networks. */
export const affineRows: readonly Row[] = [8, 6, 5, 4].flatMap((bits) => [
  affineRow('squeezenet', 'SqueezeNet v1.0', 'squeezenet-1.0', bits),
  affineRow('squeezenet-1.1', 'SqueezeNet v1.1', 'squeezenet-1.1', bits),
]);

import { parameterCount } from '@pare/core';
import { compressToSize, learnFromImages } from '../calibrated.ts';
import { pareFile } from '../pare-file.ts';
import { defineRow, type Row } from '../row.ts';

const AGAINST = 'squeezenet-1.0';
const SIZE = 420_000;
/** Of all multiplications: what is left of the network that its authors released. */
const SHARE = 0.335;

/** A network pruned to be fast: a third of its multiplications is left, spread over layers by what images tell. `pnpm bench network` runs it. */
const thirdOfWork: Row = defineRow({
  id: 'squeezenet-third',
  title: 'SqueezeNet v1.0, a third of its multiplications',
  architecture: 'SqueezeNet v1.0',
  group: 'ours',
  runs: 'full',
  against: AGAINST,
  async run(context) {
    const model = await context.network(AGAINST);
    const targetSize = context.mode === 'smoke' ? Math.round(0.7 * parameterCount(model)) : SIZE;
    const { seconds: asking } = await learnFromImages(context, AGAINST);
    const { bytes, seconds } = await compressToSize(context, AGAINST, targetSize, SHARE);
    const count = (await context.calibration(model)).count;
    const note = `${count} images asked, pruned to ${100 * SHARE} % of the multiplications, nothing retrained`;
    return { ...pareFile(bytes, note), seconds: asking + seconds };
  },
});

export default thirdOfWork;

import { defineLadder } from '../src/ladder/ladder.ts';
import { affineRows } from '../src/ladder/rows/affine.ts';
import alexnetDense from '../src/ladder/rows/alexnet-dense.ts';
import { calibratedRows } from '../src/ladder/rows/calibrated.ts';
import {
  alexnetDeepCompression,
  alexnetLowRank,
  alexnetOurCoding,
  alexnetPruned,
  vgg16DeepCompression,
} from '../src/ladder/rows/deep-compression.ts';
import { squeezenet11Dense, squeezenetDense } from '../src/ladder/rows/dense.ts';
import { faithfulRows } from '../src/ladder/rows/faithful.ts';
import released6Bit from '../src/ladder/rows/released-6-bit.ts';
import released8Bit from '../src/ladder/rows/released-8-bit.ts';
import thirdOfWork from '../src/ladder/rows/third-of-work.ts';
import { withoutImagesRows } from '../src/ladder/rows/without-images.ts';

/** From AlexNet's 244 MB to less than half a megabyte at its accuracy: SqueezeNet's table 2 on real networks, and what we make of them. */
export default defineLadder({
  name: 'alexnet-to-squeezenet',
  title: 'From AlexNet to SqueezeNet in half a megabyte',
  source: 'Iandola et al. 2016, table 2; Han, Mao, Dally 2016',
  rows: [
    alexnetDense,
    alexnetLowRank,
    alexnetPruned,
    alexnetDeepCompression,
    squeezenetDense,
    released8Bit,
    released6Bit,
    alexnetOurCoding,
    vgg16DeepCompression,
    squeezenet11Dense,
    ...calibratedRows,
    thirdOfWork,
    ...faithfulRows,
    ...withoutImagesRows,
    ...affineRows,
  ],
  beside: ['lenet-300-100', 'lenet-5', 'lenet-300-100-best', 'lenet-5-best'],
});

import { answersOf, startWasm } from '@pare/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { compareAnswers } from '../judgement/statistics.ts';
import { centreCrops } from './crops.ts';
import { findDataFolder, missingIn } from './data-folder.ts';
import { IMAGE_SETS, loadImages } from './image-set.ts';
import { loadNetwork, NETWORKS } from './networks.ts';

// Decoder, resizing, crops, preprocessing and network together: what somebody else measured with another program on the same images.

/** Percent right, first and in the first five, on the 700 of `imagenet-sample`: README of `squeezenet` in the data folder. */
const MEASURED = { top1: 61.0, top5: 82.9 };
/** Of v1.0, which takes three times as long, the self-test in squeezenet.slow.test.ts of `@pare/tfjs` is enough beside. */
const NAME = 'squeezenet-1.1';

const folder = findDataFolder();
const { labels, sums } = IMAGE_SETS['imagenet-sample'];
const there = folder !== undefined && missingIn(folder, [...Object.values(NETWORKS), labels, sums]).length === 0;
if (!there) console.warn('skipped: no real networks and images; set PARE_DATA to the data folder');

beforeAll(startWasm);

test.runIf(there)(
  'SqueezeNet v1.1 names as many photographs rightly as elsewhere, within half a point',
  async () => {
    const set = await loadImages(folder!, 'imagenet-sample');
    const crops = centreCrops(set, NETWORKS[NAME].side);
    const answers = await answersOf(await loadNetwork(folder!, NAME), crops, { batchSize: 16 });
    const { accuracy } = compareAnswers(answers, answers, set.labels, crops.count);
    expect(Math.abs(100 * accuracy!.top1 - MEASURED.top1)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(100 * accuracy!.top5 - MEASURED.top5)).toBeLessThanOrEqual(0.5);
  },
  300_000,
);

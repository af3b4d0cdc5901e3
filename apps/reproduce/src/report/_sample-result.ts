import { seededRandom } from '@pare/core';
import { compareAnswers, type Statistics } from '../judgement/statistics.ts';
import { defineLadder, type Ladder } from '../ladder/ladder.ts';
import type { LadderResult, RowResult } from '../ladder/ladder-result.ts';
import { ALEXNET_BYTES, TABLE_2 } from '../ladder/published.ts';
import type { Row } from '../ladder/row.ts';

/** Made-up rows with everything a report can show: for tests of the report alone. */
export function sampleResult(): {
  readonly ladder: Ladder;
  readonly result: LadderResult;
  readonly titles: readonly string[];
} {
  const run: Row['run'] = () => Promise.reject(new Error('a sample is not run'));
  const common = { architecture: 'SqueezeNet v1.0', runs: 'always', against: 'squeezenet-1.0', run } as const;
  const ladder = defineLadder({
    name: 'sample',
    title: 'A <sample> of a ladder',
    source: 'these tests',
    rows: [
      {
        ...common,
        id: 'alexnet',
        title: 'AlexNet as float32',
        architecture: 'AlexNet',
        group: 'published',
        published: TABLE_2.alexnet,
      },
      {
        ...common,
        id: 'svd',
        title: 'AlexNet, low rank',
        architecture: 'AlexNet',
        group: 'published',
        published: TABLE_2.svd,
      },
      {
        ...common,
        id: 'pruned',
        title: 'AlexNet, pruned',
        architecture: 'AlexNet',
        group: 'published',
        published: TABLE_2.pruned,
      },
      { ...common, id: 'six', title: 'SqueezeNet v1.0, 6 bits', group: 'published', published: TABLE_2.squeezenet6 },
      {
        ...common,
        id: 'best',
        title: 'SqueezeNet v1.0, best without retraining',
        group: 'ours',
        bounds: [
          { what: 'bytes', atMost: 420_000, goal: 360_000 },
          { what: 'top-1 drop', atMost: 0.015 },
        ],
      },
      { ...common, id: 'uint6', title: 'SqueezeNet v1.0, uint6 + brotli −11', group: 'free' },
    ],
  });
  const row = (id: string, bytes: number, extra: Partial<RowResult> = {}): RowResult => ({
    id,
    state: 'computed',
    weights: 'real',
    mode: 'quick',
    seed: 1,
    bytes,
    ratio: ALEXNET_BYTES / bytes,
    against: 'squeezenet-1.0',
    judgement: statistics(700, 0.3, id),
    heldBack: statistics(140, 0.3, `${id} held back`),
    judged: 1,
    seconds: 60,
    note: '',
    details: {},
    ...extra,
  });
  const none = { judgement: null, heldBack: null, judged: 0, against: null } as const;
  const result: LadderResult = {
    kind: 'ladder',
    recipe: 'sample',
    mode: 'quick',
    data: { source: 'real', note: 'made-up numbers', sha256: { 'a/b.bin': '00ff' } },
    seed: 1,
    versions: { node: '20' },
    rows: [
      row('alexnet', ALEXNET_BYTES, { ...none, weights: 'none' }),
      row('pruned', 26_000_000, { ...none, weights: 'generated' }),
      row('six', 398_000, { state: 'carried', judged: 2, details: { histograms: [histogram()] } }),
      row('best', 361_500, { details: bestDetails() }),
      row('uint6', 653_587),
    ],
    beside: [{ recipe: 'lenet-5', mode: 'full', bytes: 5244, ratio: 328.8, error: { before: 0.0061, after: 0.0077 } }],
    seconds: 600,
    resumed: false,
  };
  return { ladder, result, titles: Array.from({ length: 700 }, (_, i) => (i === 0 ? 'a <b>cat</b>' : `thing ${i}`)) };
}

/** Answers of a network and of one that is some noise away from it. */
function statistics(count: number, noise: number, label: string): Statistics {
  const random = seededRandom(1).fork(label);
  const original = Float32Array.from({ length: count * 10 }, () => random.normal());
  const ours = original.map((value) => value + noise * random.normal());
  const labels = Uint16Array.from({ length: count }, (_, n) => {
    const row = original.subarray(n * 10, n * 10 + 10);
    return random.float() < 0.5 ? row.indexOf(Math.max(...row)) : random.integer(10);
  });
  return compareAnswers(ours, original, labels, count);
}

const LAYERS = ['conv1', 'fire2/squeeze1x1', 'fire2/expand1x1', 'fire2/expand3x3', 'conv10'];

function bestDetails(): RowResult['details'] {
  return {
    stages: [
      { stage: 'float32', bytes: 4_993_696 },
      { stage: 'quantised by sensitivity, as uint8 codes', bytes: 1_244_448 },
      { stage: 'adaptive arithmetic coding', bytes: 361_500 },
    ],
    layers: LAYERS.flatMap((name, i) => [
      {
        name: `${name}/kernel`,
        elements: 1000,
        kept: 600,
        bytes: 3000 * 3 ** (i % 4) + 20,
        streams: { symbols: 2500 * 3 ** (i % 4), presence: 500 * 3 ** (i % 4), codebook: 20 },
      },
      { name: `${name}/bias`, elements: 64, kept: 64, bytes: 128, streams: { values: 128 } },
    ]),
    points: [300, 330, 361, 420, 500, 640].map((kb) => ({
      method: 'calibrated',
      bytes: kb * 1000,
      count: 140,
      top1: 0.55 - 20 / kb,
      agreement: 1 - 60 / kb,
      divergence: 20 / kb,
    })),
    tables: [
      { title: 'bytes for nothing', head: ['free', 'ours'], rows: [['200', '100']], note: 'made up', terse: true },
      { title: 'only drawn', head: ['a', 'b'], rows: [['1', '2']] },
    ],
    sensitivity: LAYERS.map((name, i) => ({
      weight: `${name}/kernel`,
      points: [2, 3, 4, 5, 6].map((bits) => ({ bits, divergence: (i + 1) * 4 ** -bits })),
    })),
  };
}

const histogram = () => ({
  weight: 'fire2/expand3x3/kernel',
  low: -0.4,
  high: 0.4,
  counts: Array.from({ length: 64 }, (_, i) => Math.round(900 * Math.exp(-(((i - 31.5) / 10) ** 2)))),
  zeros: 6177,
  centroids: Array.from({ length: 16 }, (_, i) => -0.3 + 0.04 * i),
  tuned: Array.from({ length: 16 }, (_, i) => -0.31 + 0.0415 * i),
});

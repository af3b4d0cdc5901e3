import { type Model, parameterCount } from '@pare/core';
import { decodeModel, encodeModel } from '@pare/format';
import type { NetworkName } from '../../data/networks.ts';
import { compressToSize, learnFromImages } from '../calibrated.ts';
import { type Curve, sizeCurve } from '../curve.ts';
import { pareFile } from '../pare-file.ts';
import { defineRow, type Row, type RowBound } from '../row.ts';

interface Wanted {
  /** Most bytes of the file. */
  readonly size: number;
  readonly id: string;
  readonly runs: Row['runs'];
  readonly bounds: readonly RowBound[];
  /** Whether it also draws the network's curve. */
  readonly curve?: true;
}

/** Without retraining: must and goal. */
const BEST: readonly RowBound[] = [
  { what: 'bytes', atMost: 420_000, goal: 360_000 },
  { what: 'top-1 drop', atMost: 0.015, goal: 0.01 },
];
/** Of all, with or without retraining. */
const BEST_OF_ALL: readonly RowBound[] = [
  { what: 'bytes', atMost: 400_000, goal: 320_000 },
  { what: 'top-1 drop', atMost: 0.01 },
];

/** Sizes were fixed before anything was judged: the bounds, and a hair less. */
const WANTED: readonly Wanted[] = [
  { id: 'best', size: 359_900, runs: 'always', bounds: [...BEST, { what: 'seconds', atMost: 180 }] },
  { id: 'best-420', size: 419_900, runs: 'full', bounds: BEST, curve: true },
  { id: 'best-400', size: 399_900, runs: 'full', bounds: BEST_OF_ALL },
  { id: 'best-320', size: 319_900, runs: 'full', bounds: BEST_OF_ALL },
];

/**
 * A dense network in so many bytes, by what 560 images tell of its layers and without retraining: steps by second-order
 * sensitivity at one price of bits, error feedback, trellises, adaptive arithmetic coding.
 */
const calibrated = (
  prefix: string,
  title: string,
  against: NetworkName,
  { id, size, runs, bounds, curve }: Wanted,
): Row =>
  defineRow({
    id: `${prefix}-${id}`,
    title: `${title}, calibrated to ${Math.round(size / 1000)} kB`,
    architecture: title,
    group: 'ours',
    runs: prefix === 'squeezenet' ? runs : 'full',
    against,
    bounds,
    async run(context) {
      const { network, calibration, mode } = context;
      const model = await network(against);
      const targetSize = mode === 'smoke' ? Math.round(0.7 * parameterCount(model)) : size;
      const { seconds: asking } = await learnFromImages(context, against);
      const { bytes, seconds } = await compressToSize(context, against, targetSize);
      const count = (await calibration(model)).count;
      const drawn: Curve = curve && mode !== 'smoke' ? await sizeCurve(context, against, SIZES) : {};
      const note = `${count} images asked, nothing retrained`;
      const made = pareFile(bytes, note, { stages: stagesOf(model, bytes), ...drawn });
      return { ...made, seconds: asking + seconds };
    },
  });

/** Of the curve: the rows' own, and more to either side. */
const SIZES = [...WANTED.map(({ size }) => size), 230_000, 520_000, 660_000].sort((a, b) => a - b);

function stagesOf(dense: Model, file: Uint8Array) {
  const small = decodeModel(file);
  return [
    { stage: 'float32', bytes: 4 * parameterCount(dense) },
    { stage: 'steps by what images tell; codes of equal length', bytes: equalLengths(small) },
    { stage: 'the same, Huffman codes', bytes: encodeModel(small, { coding: 'huffman' }).length },
    { stage: 'adaptive arithmetic coding, trellises (this row)', bytes: file.length },
  ];
}

/** Bytes if each number took as many bits as tell its weight's different values apart, and each of these values two bytes. */
const equalLengths = ({ weights }: Model): number =>
  weights.reduce((sum, { form }) => {
    if (form.kind === 'dense') return sum + 2 * form.values.length;
    if (form.kind !== 'shared') throw new Error(`bug: a compressed weight came as "${form.kind}"`);
    return (
      sum + Math.ceil((form.indices.length * Math.ceil(Math.log2(form.codebook.length))) / 8) + 2 * form.codebook.length
    );
  }, 0);

export const calibratedRows: readonly Row[] = WANTED.flatMap((wanted) => [
  calibrated('squeezenet', 'SqueezeNet v1.0', 'squeezenet-1.0', wanted),
  calibrated('squeezenet-1.1', 'SqueezeNet v1.1', 'squeezenet-1.1', wanted),
]);

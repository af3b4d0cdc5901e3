import { decodeModel } from '@pare/format';
import type { NetworkName } from '../data/networks.ts';
import { affineNetwork } from './affine.ts';
import { compressToSize } from './calibrated.ts';
import { bytesFor, type Needed, type Sample } from './equal-quality.ts';
import { fingerprint } from './fingerprint.ts';
import { pointOf } from './point.ts';
import type { DetailTable, Point, RowContext } from './row.ts';

export interface Curve {
  readonly points?: readonly Point[];
  readonly tables?: readonly DetailTable[];
}

/** Compresses to sizes, and compares what that costs with affine integers of 8, 6 and 5 bits: all on the held-back fifth. */
export async function sizeCurve(context: RowContext, name: NetworkName, sizes: readonly number[]): Promise<Curve> {
  const { tryOut, network, shared } = context;
  const model = await network(name);
  const key = fingerprint(model);
  const points: Point[] = [];
  for (const size of sizes) {
    const { bytes } = await compressToSize(context, name, size);
    points.push(
      await shared(`point-${name}-${size}`, key, async () =>
        pointOf('calibrated', bytes.length, await tryOut(decodeModel(bytes), name)),
      ),
    );
  }
  const rows: string[][] = [];
  for (const [bits, must, goal] of SMALLER) {
    const { bytes, agreement, divergence } = await shared(`point-${name}-uint${bits}`, key, async () => {
      const { bytes, model: coarse } = affineNetwork(model, bits);
      return pointOf(`uint${bits}`, bytes, await tryOut(coarse, name));
    });
    const same = bytesFor(samples(points, 'agreement'), agreement);
    const near = bytesFor(samples(points, 'divergence'), -divergence);
    rows.push([
      `uint${bits} + brotli −11`,
      whole(bytes),
      `${(100 * agreement).toFixed(1)} %`,
      divergence.toFixed(4),
      ...[same, near].flatMap((ours) => cells(ours, bytes)),
      `${must} % (${goal} %)`,
    ]);
  }
  const count = points[0]?.count ?? 0;
  return {
    points,
    tables: [{ title: 'bytes for the same quality', head: HEAD, rows, note: noteOn(count), terse: true }],
  };
}

/** Bits; percent that ours must be smaller by at the same agreement, and the goal. */
const SMALLER = [
  [8, 20, 30],
  [6, 33, 45],
  [5, 40, 50],
] as const;

const HEAD = [
  'for free',
  'bytes',
  'same answers',
  'KL, nats',
  'ours at the same answers',
  'smaller by',
  'ours at the same KL',
  'smaller by',
  'must (goal)',
];

const noteOn = (count: number): string =>
  `On ${count} held-back images: ours between the points of its curve, along straight lines of log bytes; ≤ where its smallest file does better. An answer more or less is ${(100 / count).toFixed(1)} points of agreement; the divergence is steadier.`;

const samples = (points: readonly Point[], of: 'agreement' | 'divergence'): Sample[] =>
  points.map((point) => ({ bytes: point.bytes, quality: of === 'agreement' ? point.agreement : -point.divergence }));

const whole = (bytes: number): string => Math.round(bytes).toLocaleString('en-US');

/** Our bytes, and how much less that is than theirs. */
function cells(ours: Needed | undefined, theirs: number): [string, string] {
  if (!ours) return ['–', '–'];
  const { bytes, isMost } = ours;
  const less = `${(100 * (1 - bytes / theirs)).toFixed(1)} %`;
  return isMost ? [`≤ ${whole(bytes)}`, `≥ ${less}`] : [whole(bytes), less];
}

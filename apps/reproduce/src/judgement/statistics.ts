/** How a network answers labelled images, and how its answers compare with those of the network it was made from. */
export interface Statistics {
  /** Number of images. */
  readonly count: number;
  /** Against the labels; null where the images have none. */
  readonly accuracy: Accuracy | null;
  /** Share of images with the same first answer as the original, 0 … 1. */
  readonly agreement: number;
  /** Mean over images of Σ p·log(p / q), p the original's answers, q ours; in nats. */
  readonly divergence: number;
}

export interface Accuracy {
  readonly top1: number;
  readonly top5: number;
  /** Of the original, on the same images. */
  readonly original: { readonly top1: number; readonly top5: number };
  /** Top-1 of the original minus ours, with the ends of its 95 % interval: see `pairedInterval`. */
  readonly drop: Interval;
  /** One digit an image: 3 both right, 1 only the original, 2 only ours, 0 none. */
  readonly outcomes: string;
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Compares two networks' answers to the same images.
 *
 * Of equal logits the one of the smaller class comes first.
 *
 * @param ours - logits `[count, classes]`
 * @param original - the same of the network ours was made from
 * @param labels - `[count]`; undefined where the images have none
 * @throws RangeError if lengths do not fit together, or an answer is not finite
 * @example
 * const { accuracy, agreement } = compareAnswers(Float32Array.of(1, 0, 0, 1), Float32Array.of(2, 0, 2, 0), Uint16Array.of(0, 1), 2);
 * [accuracy?.top1, accuracy?.original.top1, accuracy?.outcomes, agreement] // [1, 0.5, '32', 0.5]
 */
export function compareAnswers(
  ours: Float32Array,
  original: Float32Array,
  labels: Uint16Array | undefined,
  count: number,
): Statistics {
  const classes = ours.length / count;
  if (!Number.isInteger(classes) || classes < 1 || original.length !== ours.length) {
    throw new RangeError(
      `compareAnswers: "ours" and "original" expected ${count} answers of equal length, got ${ours.length} and ${original.length} numbers`,
    );
  }
  if (labels && labels.length !== count) {
    throw new RangeError(`compareAnswers: "labels" expected ${count}, got ${labels.length}`);
  }
  let same = 0;
  let divergence = 0;
  const right = { ours: [0, 0], original: [0, 0] };
  let outcomes = '';
  for (let n = 0; n < count; n++) {
    const q = ours.subarray(n * classes, (n + 1) * classes);
    const p = original.subarray(n * classes, (n + 1) * classes);
    if (!q.every(Number.isFinite) || !p.every(Number.isFinite)) {
      throw new RangeError(`compareAnswers: answers to image ${n} expected finite numbers`);
    }
    if (first(p) === first(q)) same++;
    divergence += klDivergence(p, q);
    if (!labels) continue;
    const [ranked, rankedBefore] = [rankOf(labels[n]!, q), rankOf(labels[n]!, p)];
    right.ours[0]! += Number(ranked < 1);
    right.ours[1]! += Number(ranked < 5);
    right.original[0]! += Number(rankedBefore < 1);
    right.original[1]! += Number(rankedBefore < 5);
    outcomes += Number(rankedBefore < 1) + 2 * Number(ranked < 1);
  }
  const accuracy: Accuracy | null = labels
    ? {
        top1: right.ours[0]! / count,
        top5: right.ours[1]! / count,
        original: { top1: right.original[0]! / count, top5: right.original[1]! / count },
        drop: pairedInterval(counted(outcomes, '1'), counted(outcomes, '2'), count),
        outcomes,
      }
    : null;
  return { count, accuracy, agreement: same / count, divergence: divergence / count };
}

/**
 * Gives the 95 % interval of the difference of two shares measured on the same images, from the b images that only the first got
 * right and the c that only the second did; the images on which they agree tell nothing about the difference but their number.
 *
 *     d = (b − c) / n      p = (b + 1) / (n + 2)      q = (c + 1) / (n + 2)
 *     low, high = p − q ∓ 1.96 · √((p + q − (p − q)²) / (n + 2))
 *
 * The ones and twos keep it honest where b and c are small: it covers d in 95 % of cases even at n = 30, and is never empty.
 *
 * @example
 * pairedInterval(12, 5, 700).value // 0.01
 * @see Bonett, Price 2012, "Adjusted Wald confidence interval for a difference of binomial proportions based on paired data"
 */
export function pairedInterval(b: number, c: number, n: number): Interval {
  const p = (b + 1) / (n + 2);
  const q = (c + 1) / (n + 2);
  const reach = 1.959964 * Math.sqrt((p + q - (p - q) ** 2) / (n + 2)); // the normal distribution's 97.5 % point
  return { value: (b - c) / n, low: p - q - reach, high: p - q + reach };
}

/**
 * Turns an outcome string into counts, in the order of its digits: none right, only the original, only ours, both.
 *
 * @example
 * outcomeCounts('3310') // [1, 1, 0, 2]
 */
export const outcomeCounts = (outcomes: string): readonly [number, number, number, number] => [
  counted(outcomes, '0'),
  counted(outcomes, '1'),
  counted(outcomes, '2'),
  counted(outcomes, '3'),
];

const counted = (outcomes: string, digit: string): number => outcomes.split(digit).length - 1;

const first = (row: Float32Array): number => row.reduce((best, value, k) => (value > row[best]! ? k : best), 0);

/** How many classes come before one. */
function rankOf(label: number, row: Float32Array): number {
  const own = row[label];
  if (own === undefined)
    throw new RangeError(`compareAnswers: label ${label} expected below ${row.length}, the classes`);
  let before = 0;
  for (let k = 0; k < row.length; k++) if (row[k]! > own || (row[k] === own && k < label)) before++;
  return before;
}

// Σ p·log(p/q) with p, q the softmax of logits a, b: = Σ p·(a − b) + log Σ e^b − log Σ e^a
function klDivergence(a: Float32Array, b: Float32Array): number {
  const [logA, logB] = [logSumExp(a), logSumExp(b)];
  let sum = 0;
  for (let k = 0; k < a.length; k++) {
    const logP = a[k]! - logA;
    sum += Math.exp(logP) * (logP - (b[k]! - logB));
  }
  return Math.max(0, sum); // rounding may leave a hair below
}

function logSumExp(row: Float32Array): number {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const value of row) sum += Math.exp(value - top);
  return top + Math.log(sum);
}

import { createHash } from 'node:crypto';
import { type Random, seededRandom } from '@pare/core';
import { type Examples, type MnistData, PIXELS, SIDE } from './examples.ts';
import { formatIdx } from './idx.ts';

/**
 * Draws handwritten-looking digits: a stand-in for MNIST where there is no network, and the data of smoke runs.
 *
 * A digit is one of several ways to write it (`WRITINGS`), its points shaken, its strokes smoothed, bent, slanted, turned
 * and widened, fitted into 20 × 20 pixels as MNIST's are, and drawn with a pen of varying width. Only + − × ÷ √ and whole
 * numbers take part, which every engine rounds alike, so that a seed gives the same bytes everywhere; the first n digits
 * of a larger set are those of a smaller one.
 *
 * @param options.train - how many to draw for training
 * @param options.test - how many for testing, from a stream of their own
 * @param options.seed - whole number, 0 … 2⁵³ − 1; default 1
 * @throws RangeError if a count is not a whole number ≥ 0, or `seed` not such a number
 * @example
 * generateDigits({ train: 100, test: 10 }).train.pixels.length // 78400
 */
export function generateDigits(options: {
  readonly train: number;
  readonly test: number;
  readonly seed?: number;
}): MnistData {
  const { train: trainCount, test: testCount, seed = 1 } = options;
  const random = seededRandom(seed);
  const train = drawExamples('train', trainCount, random.fork('train'));
  const test = drawExamples('test', testCount, random.fork('test'));
  return {
    train,
    test,
    source: 'generated',
    sha256: {
      'train-images-idx3-ubyte': hashOf([train.count, SIDE, SIDE], train.pixels),
      'train-labels-idx1-ubyte': hashOf([train.count], train.labels),
      't10k-images-idx3-ubyte': hashOf([test.count, SIDE, SIDE], test.pixels),
      't10k-labels-idx1-ubyte': hashOf([test.count], test.labels),
    },
    note: `generated digits, not MNIST; seed ${seed}`,
  };
}

const hashOf = (shape: readonly number[], values: Uint8Array): string =>
  createHash('sha256').update(formatIdx({ shape, values })).digest('hex');

function drawExamples(what: string, count: number, random: Random): Examples {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`generateDigits: "${what}" expected a whole number ≥ 0, got ${count}`);
  }
  const pixels = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  const ink = new Float64Array(PIXELS);
  for (let i = 0; i < count; i++) {
    labels[i] = random.integer(10);
    const strokes = fit(distort(writeOnce(labels[i]!, random), random), random);
    ink.fill(0);
    drawStrokes(strokes, ink, random);
    develop(ink, pixels.subarray(i * PIXELS, (i + 1) * PIXELS), random);
  }
  return { pixels, labels, count, shape: [1, SIDE, SIDE] };
}

/** x₀ y₀ x₁ y₁ … of a line drawn without lifting the pen. */
type Polyline = number[];

/** Shakes the points of one way to write `digit`, and joins them by smooth curves. */
function writeOnce(digit: number, random: Random): Polyline[] {
  const ways = WRITINGS[digit]!;
  return ways[random.integer(ways.length)]!.map((stroke) => {
    const shaken = stroke.map(([x, y, corner]): Knot => {
      return [x + SHAKE * bell(random), y + SHAKE * bell(random), corner];
    });
    return trim(smooth(shaken), random);
  });
}

/** Catmull and Rom's curve through the knots, interrupted at corners. */
function smooth(knots: readonly Knot[]): Polyline {
  const line: Polyline = [knots[0]![0], knots[0]![1]];
  for (let k = 0; k + 1 < knots.length; k++) {
    const from = knots[k]!;
    const to = knots[k + 1]!;
    const before = k === 0 || from[2] ? from : knots[k - 1]!;
    const after = k + 2 === knots.length || to[2] ? to : knots[k + 2]!;
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      for (const axis of [0, 1] as const) {
        // p(t) = b + ½ t ((c − a) + t ((2a − 5b + 4c − d) + t (3b − 3c + d − a)))
        const [a, b, c, d] = [before[axis], from[axis], to[axis], after[axis]];
        line.push(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * b - 3 * c + d - a))));
      }
    }
  }
  return line;
}

/** The pen touches the paper late or leaves it early: loops stay open, strokes fall short. */
function trim(line: Polyline, random: Random): Polyline {
  const points = line.length / 2;
  const most = Math.floor(points * TRIM);
  const first = random.integer(most + 1);
  const last = points - random.integer(most + 1);
  return line.slice(2 * first, 2 * last);
}

/** Bends, slants, turns and widens the whole digit; strokes that met still meet. */
function distort(strokes: readonly Polyline[], random: Random): Polyline[] {
  const bendX = BEND * bell(random);
  const bendY = BEND * bell(random);
  const keystoneX = BEND * bell(random);
  const keystoneY = BEND * bell(random);
  const width = 0.82 * (1 + 0.2 * bell(random));
  const slant = 0.08 + SLANT * bell(random);
  // With τ = tan(angle / 2): cos = (1 − τ²) / (1 + τ²), sin = 2τ / (1 + τ²), which needs no cosine.
  const tau = TURN * bell(random);
  const cos = (1 - tau * tau) / (1 + tau * tau);
  const sin = (2 * tau) / (1 + tau * tau);
  return strokes.map((line) => {
    const moved = new Array<number>(line.length);
    for (let i = 0; i < line.length; i += 2) {
      const x = line[i]! - 0.5;
      const y = line[i + 1]! - 0.5;
      const bentX = x + bendX * y * y + keystoneX * x * y;
      const bentY = y + bendY * x * x + keystoneY * x * y;
      const wideX = width * bentX - slant * bentY;
      moved[i] = cos * wideX - sin * bentY;
      moved[i + 1] = sin * wideX + cos * bentY;
    }
    return moved;
  });
}

/** Scales into a box of about 20 × 20 pixels, keeping the proportions, with the ink's centre near the picture's: as in MNIST. */
function fit(strokes: readonly Polyline[], random: Random): Polyline[] {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  let [mass, massX, massY] = [0, 0, 0];
  for (const line of strokes) {
    for (let i = 0; i < line.length; i += 2) {
      const x = line[i]!;
      const y = line[i + 1]!;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      if (i === 0) continue;
      const dx = x - line[i - 2]!;
      const dy = y - line[i - 1]!;
      const length = Math.sqrt(dx * dx + dy * dy);
      mass += length;
      massX += length * (x - dx / 2);
      massY += length * (y - dy / 2);
    }
  }
  const scale = (17.5 + 0.7 * bell(random)) / Math.max(right - left, bottom - top);
  // Heavy ends pull the middle of the ink away from that of the box; the box must not leave the picture for it.
  const place = (middle: number, low: number, high: number): number =>
    Math.min(
      SIDE - MARGIN - scale * high,
      Math.max(MARGIN - scale * low, SIDE / 2 + 0.7 * bell(random) - scale * middle),
    );
  const shiftX = place(massX / mass, left, right);
  const shiftY = place(massY / mass, top, bottom);
  return strokes.map((line) => line.map((value, i) => scale * value + (i % 2 === 0 ? shiftX : shiftY)));
}

/** Leaves ink 0 … 1 where the pen passed: the nearer to its path, the more. */
function drawStrokes(strokes: readonly Polyline[], ink: Float64Array, random: Random): void {
  const pen = 1.25 + 0.33 * bell(random); // half the width of the line, in pixels
  const softness = 1 + 0.12 * bell(random); // ink falls from 1 to 0 over 1 / softness pixels
  for (const line of strokes) {
    const start = Math.max(0.55, pen * (1 + 0.12 * bell(random)));
    const end = Math.max(0.55, pen * (1 + 0.12 * bell(random)));
    for (let i = 2; i < line.length; i += 2) {
      const along = i / line.length;
      drawSegment(line[i - 2]!, line[i - 1]!, line[i]!, line[i + 1]!, start + (end - start) * along, softness, ink);
    }
  }
}

function drawSegment(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
  softness: number,
  ink: Float64Array,
): void {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const lengthSquared = dx * dx + dy * dy;
  const perLength = lengthSquared > 0 ? 1 / lengthSquared : 0;
  const reach = radius + 1;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(SIDE - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(SIDE - 1, Math.floor(Math.max(y0, y1) + reach));
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      // From the pixel's centre to the nearest point of the segment.
      const px = column + 0.5 - x0;
      const py = row + 0.5 - y0;
      const t = Math.min(1, Math.max(0, (px * dx + py * dy) * perLength));
      const ex = px - t * dx;
      const ey = py - t * dy;
      const coverage = (radius - Math.sqrt(ex * ex + ey * ey)) * softness + 0.5;
      const at = row * SIDE + column;
      if (coverage > ink[at]!) ink[at] = Math.min(1, coverage);
    }
  }
}

/** Ink to bytes: the pen's strength, and a grain that shows most where the ink is half. */
function develop(ink: Float64Array, pixels: Uint8Array, random: Random): void {
  const strength = 253 - 24 * random.float() * random.float();
  for (let i = 0; i < PIXELS; i++) {
    const dark = ink[i]!;
    if (dark === 0) continue;
    const grain = GRAIN * (random.float() - 0.5) * (0.25 + dark * (1 - dark) * 4);
    pixels[i] = Math.min(255, Math.max(0, Math.floor(strength * (dark + grain) + 0.5)));
  }
}

/** A bell-shaped number of mean 0 and variance 1, never beyond ±3.5: four uniform ones added (Irwin and Hall), no logarithm. */
function bell(random: Random): number {
  return (random.float() + random.float() + random.float() + random.float() - 2) * BELL_SCALE;
}

const BELL_SCALE = 1.7320508075688772; // √3: a uniform number has variance 1/12, four of them 1/3

// How unsteady the hand is, in heights of a digit. Chosen by eye, and so that LeNet-300-100, trained on 60 000 digits for
// nine epochs by Adam, errs on 1.3 % of another 10 000 (trained on 20 000: 2.4 %, on 5000: 5.3 %).
const SHAKE = 0.05; // of each point
const BEND = 0.2; // of the whole
const SLANT = 0.22; // horizontal shift per height
const TURN = 0.065; // tangent of half the angle: ±7.5°
const TRIM = 0.1; // of a stroke, at most, at either end
const MARGIN = 3; // pixels between the path of the pen and the edge of the picture
const GRAIN = 0.16;
const STEPS = 5; // straight pieces between two knots: none longer than about 2 pixels

/** x and y (downwards) in a square of side 1; a corner is a point where the direction breaks. */
type Knot = readonly [x: number, y: number, corner?: 1 | undefined];

/** For each digit, ways to write it; a way is one or more strokes. A way that people prefer stands nearly twice. */
// biome-ignore format: one stroke a line, so that a way to write can be read as the hand moves
const WRITINGS: readonly (readonly (readonly (readonly Knot[])[])[])[] = [
  [ // 0
    [[[0.52, 0.02], [0.22, 0.16], [0.1, 0.52], [0.24, 0.88], [0.5, 0.98], [0.78, 0.86], [0.9, 0.5], [0.78, 0.14], [0.48, 0.03]]],
    [[[0.6, 0.04], [0.34, 0.12], [0.22, 0.5], [0.3, 0.86], [0.48, 0.97], [0.66, 0.86], [0.76, 0.5], [0.7, 0.16], [0.5, 0.05], [0.4, 0.12]]],
    [[[0.3, 0.12], [0.12, 0.4], [0.14, 0.76], [0.4, 0.97], [0.74, 0.9], [0.92, 0.6], [0.84, 0.24], [0.56, 0.04], [0.28, 0.1]]],
  ],
  [ // 1
    [[[0.5, 0], [0.5, 0.5], [0.5, 1]]],
    [[[0.54, 0], [0.5, 0.5], [0.48, 1]]],
    [[[0.3, 0.26], [0.52, 0.02, 1], [0.5, 0.5], [0.5, 1]]],
    [[[0.3, 0.24], [0.52, 0.02, 1], [0.5, 0.5], [0.5, 1]],
     [[0.24, 1], [0.5, 0.99], [0.78, 0.98]]],
  ],
  [ // 2
    [[[0.16, 0.26], [0.3, 0.07], [0.58, 0.02], [0.8, 0.2], [0.68, 0.5], [0.4, 0.76], [0.12, 0.96, 1], [0.48, 0.95], [0.88, 0.95]]],
    [[[0.18, 0.22], [0.42, 0.03], [0.74, 0.13], [0.72, 0.44], [0.44, 0.78], [0.18, 0.94], [0.12, 0.82], [0.32, 0.76], [0.6, 0.92], [0.9, 0.9]]],
    [[[0.14, 0.14], [0.5, 0.02], [0.78, 0.24], [0.58, 0.58], [0.1, 0.92, 1], [0.5, 0.9], [0.92, 0.98]]],
  ],
  [ // 3
    [[[0.18, 0.12], [0.48, 0.01], [0.78, 0.18], [0.64, 0.41], [0.36, 0.47, 1], [0.68, 0.54], [0.84, 0.75], [0.6, 0.97], [0.14, 0.9]]],
    [[[0.2, 0.06], [0.5, 0.05], [0.78, 0.04, 1], [0.42, 0.42, 1], [0.72, 0.5], [0.82, 0.75], [0.56, 0.98], [0.14, 0.88]]],
    [[[0.24, 0.1], [0.56, 0.02], [0.76, 0.2], [0.58, 0.42], [0.48, 0.48], [0.6, 0.5], [0.82, 0.72], [0.56, 0.98], [0.2, 0.94]]],
  ],
  [ // 4
    [[[0.2, 0.06], [0.16, 0.3], [0.14, 0.54, 1], [0.5, 0.54], [0.86, 0.5]],
     [[0.74, 0.04], [0.68, 0.5], [0.64, 1]]],
    [[[0.6, 0.02], [0.36, 0.34], [0.1, 0.64, 1], [0.5, 0.63], [0.9, 0.61]],
     [[0.6, 0.02], [0.6, 0.5], [0.58, 1]]],
    [[[0.18, 0.06], [0.16, 0.36], [0.36, 0.52], [0.72, 0.4]],
     [[0.78, 0.04], [0.72, 0.5], [0.66, 1]]],
    [[[0.2, 0.06], [0.15, 0.48], [0.3, 0.56], [0.74, 0.46]],
     [[0.76, 0.08], [0.72, 0.5], [0.7, 1]]],
  ],
  [ // 5
    [[[0.3, 0.05], [0.28, 0.24], [0.24, 0.45, 1], [0.54, 0.38], [0.82, 0.6], [0.7, 0.9], [0.42, 0.99], [0.12, 0.88]],
     [[0.3, 0.05], [0.56, 0.04], [0.84, 0.01]]],
    [[[0.84, 0.04], [0.56, 0.04], [0.34, 0.06, 1], [0.24, 0.42, 1], [0.52, 0.4], [0.78, 0.62], [0.64, 0.92], [0.14, 0.94]]],
    [[[0.86, 0.02], [0.46, 0.06], [0.28, 0.22], [0.36, 0.42], [0.66, 0.54], [0.72, 0.8], [0.48, 0.98], [0.12, 0.9]]],
  ],
  [ // 6
    [[[0.66, 0.02], [0.34, 0.28], [0.16, 0.64], [0.3, 0.94], [0.62, 0.95], [0.8, 0.74], [0.62, 0.54], [0.34, 0.58], [0.2, 0.76]]],
    [[[0.5, 0], [0.3, 0.36], [0.22, 0.76], [0.42, 0.99], [0.7, 0.86], [0.64, 0.64], [0.4, 0.64], [0.24, 0.82]]],
    [[[0.76, 0.08], [0.48, 0.08], [0.2, 0.42], [0.18, 0.82], [0.46, 0.98], [0.78, 0.82], [0.72, 0.56], [0.4, 0.52], [0.18, 0.7]]],
  ],
  [ // 7
    [[[0.12, 0.08], [0.46, 0.06], [0.84, 0.05, 1], [0.6, 0.46], [0.42, 1]]],
    [[[0.14, 0.06], [0.48, 0.08], [0.82, 0.06, 1], [0.64, 0.4], [0.5, 1]]],
    [[[0.12, 0.08], [0.46, 0.06], [0.84, 0.05, 1], [0.6, 0.46], [0.42, 1]],
     [[0.34, 0.54], [0.58, 0.5], [0.82, 0.48]]],
    [[[0.12, 0.26], [0.14, 0.08, 1], [0.48, 0.1], [0.72, 0.05], [0.8, 0.14], [0.6, 0.5], [0.46, 1]]],
  ],
  [ // 8
    [[[0.74, 0.14], [0.48, 0.01], [0.24, 0.18], [0.42, 0.43], [0.72, 0.68], [0.64, 0.93], [0.4, 0.99], [0.18, 0.84], [0.3, 0.6], [0.62, 0.4], [0.78, 0.2], [0.68, 0.08]]],
    [[[0.52, 0.02], [0.28, 0.12], [0.28, 0.34], [0.52, 0.45], [0.74, 0.34], [0.74, 0.12], [0.5, 0.02]],
     [[0.52, 0.45], [0.24, 0.58], [0.2, 0.84], [0.48, 0.98], [0.76, 0.84], [0.76, 0.58], [0.5, 0.45]]],
    [[[0.7, 0.06], [0.36, 0.06], [0.3, 0.3], [0.58, 0.5], [0.66, 0.8], [0.44, 0.98], [0.28, 0.8], [0.44, 0.52], [0.7, 0.26], [0.72, 0.04]]],
  ],
  [ // 9
    [[[0.76, 0.2], [0.52, 0.03], [0.24, 0.16], [0.24, 0.42], [0.52, 0.48], [0.76, 0.2, 1], [0.74, 0.58], [0.62, 1]]],
    [[[0.74, 0.16], [0.46, 0.02], [0.2, 0.22], [0.3, 0.46], [0.6, 0.4], [0.76, 0.16, 1], [0.78, 0.56], [0.62, 0.92], [0.26, 0.96]]],
    [[[0.68, 0.1], [0.38, 0.06], [0.24, 0.28], [0.42, 0.46], [0.7, 0.3], [0.7, 0.08, 1], [0.66, 0.5], [0.66, 1]]],
  ],
];

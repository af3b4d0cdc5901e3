import { type Shared, seededRandom } from '@pare/core';
import { checkForm, hardArrays, hardMasks } from '@pare/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskedFloats, squaredError } from '../test/values.ts';
import { type EntropyOptions, shareEntropyConstrained } from './entropy-constrained.ts';
import { kmeans } from './kmeans.ts';
import { sharedParametrization } from './shared.ts';
import { uniformShare } from './uniform.ts';

const random = seededRandom(1);
const bell = Float32Array.from({ length: 20_000 }, () => random.normal());

test('where bits cost, zero swallows small values', () => {
  const values = Float32Array.of(-1, 0.1, 0, -0.1, 1, 0, 0.2, 0.1);
  const { form, bits, error } = shareEntropyConstrained(values, undefined, { lambda: 0.05, zero: true });
  expect(form).toEqual({
    kind: 'shared',
    codebook: Float32Array.of(-1, 1),
    indices: Uint16Array.of(0, 0, 0, 0, 1, 0, 0, 0),
    mask: Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0),
  });
  expect(bits).toBeCloseTo(6 * Math.log2(8 / 6) + 2 * Math.log2(8), 12); // six zeros of eight, two others once each
  expect(error).toBeCloseTo(0.07, 6);
});

test('without a price on bits it is k-means', () => {
  const values = bell.subarray(0, 3000);
  const { form, error } = shareEntropyConstrained(values, undefined, { lambda: 0, count: 12 });
  const plain = kmeans(values, 12);
  expect(form.codebook).toEqual(plain.codebook);
  expect(form.indices).toEqual(plain.indices);
  expect(error).toBe(plain.error);
});

describe('edges', () => {
  test('a price too high leaves one entry, or only zero', () => {
    expect(shareEntropyConstrained(bell, undefined, { lambda: 1e6 }).form.codebook.length).toBe(1);
    const nothing = shareEntropyConstrained(bell, undefined, { lambda: 1e6, zero: true });
    expect(nothing.form.codebook.length).toBe(0);
    expect(nothing.form.mask.includes(1)).toBe(false);
    expect(nothing.bits).toBe(0);
    expect(nothing.error).toBe(squaredError(bell, new Float32Array(bell.length)));
  });

  test('no values, nothing kept, all zero', () => {
    for (const zero of [false, true]) {
      expect(shareEntropyConstrained(new Float32Array(0), undefined, { lambda: 1, zero }).form.codebook.length).toBe(0);
      expect(shareEntropyConstrained(new Float32Array(3), new Uint8Array(3), { lambda: 1, zero }).form.mask).toEqual(
        new Uint8Array(3),
      );
    }
    expect(shareEntropyConstrained(new Float32Array(3), undefined, { lambda: 1, zero: true }).form.mask).toEqual(
      new Uint8Array(3),
    );
    expect(shareEntropyConstrained(new Float32Array(3), undefined, { lambda: 1 }).form.codebook).toEqual(
      Float32Array.of(0),
    );
  });

  test('pruned values pay as zeros even where no kept value wants zero', () => {
    const { form, bits } = shareEntropyConstrained(Float32Array.of(0, 5, 5, 6), Uint8Array.of(0, 1, 1, 1), {
      lambda: 1e-3,
      zero: true,
    });
    expect(form.mask).toEqual(Uint8Array.of(0, 1, 1, 1));
    expect(form.codebook).toEqual(Float32Array.of(5, 6));
    expect(bits).toBeCloseTo(2 + 2 + 2 * 1, 12); // ¼, ¼ and twice ½
  });

  test.each(hardArrays())('$name', ({ value: values }) => {
    for (const { value: mask } of hardMasks(values.length)) {
      for (const zero of [false, true]) {
        for (const init of ['linear', 'density', 'random'] as const) {
          const { form, bits } = shareEntropyConstrained(values, mask, {
            lambda: 1e-3,
            zero,
            init,
            random: seededRandom(1),
          });
          checkForm(form, [values.length]);
          expect(form.codebook.every(Number.isFinite)).toBe(true);
          expect(bits).toBeGreaterThanOrEqual(0);
        }
      }
    }
  });
});

describe('laws', () => {
  const options: readonly EntropyOptions[] = [
    { lambda: 0.01 },
    { lambda: 0.01, zero: true },
    { lambda: 0.3, zero: true, init: 'density', count: 5 },
    { lambda: 0, zero: true, count: 3 },
  ];
  test.each(options)('reports the error and the entropy of what it returns: %o', (each) =>
    fc.assert(
      fc.property(maskedFloats(), ({ values, mask }) => {
        const before = [values.slice(), mask.slice()];
        const { form, error, bits } = shareEntropyConstrained(values, mask, each);
        checkForm(form, [values.length]);
        expect([values, mask]).toEqual(before);
        const stand = sharedParametrization.toDense(form);
        expect(error).toBeCloseTo(squaredError(values, stand), 9);
        expect(bits).toBeCloseTo(entropyBits(form, each.zero ? undefined : mask), 9);
        expect(new Set(form.indices.filter((_, i) => form.mask[i])).size).toBe(form.codebook.length);
      }),
      { seed: 1 },
    ),
  );

  test.each(options)('in the end no value would be cheaper elsewhere: %o', (each) => {
    const { form } = shareEntropyConstrained(bell, undefined, each);
    const zeros = form.mask.filter((bit) => bit === 0).length;
    const members = Array.from(
      form.codebook,
      (_, k) => form.indices.filter((index, i) => form.mask[i] && index === k).length,
    );
    const symbols = Array.from(form.codebook, (centroid, k) => ({ centroid, count: members[k]! }));
    if (zeros > 0) symbols.push({ centroid: 0, count: zeros });
    const price = (value: number, { centroid, count }: (typeof symbols)[number]) =>
      (value - centroid) ** 2 + each.lambda * Math.log2(bell.length / count);
    for (let i = 0; i < bell.length; i += 7) {
      const own = form.mask[i] ? symbols[form.indices[i]!]! : symbols.at(-1)!;
      const least = Math.min(...symbols.map((symbol) => price(bell[i]!, symbol)));
      // Entries are rounded to float32, and the last round may still move one by a float: |w − c|·c·2⁻²³ at most, |w| < 5.
      expect(price(bell[i]!, own) - least).toBeLessThanOrEqual(25 * 2 ** -22);
    }
  });

  test('more rounds never cost more', () => {
    for (const zero of [false, true]) {
      const costs = Array.from({ length: 20 }, (_, i) => {
        const { error, bits } = shareEntropyConstrained(bell, undefined, { lambda: 0.02, iterations: i + 1, zero });
        return error + 0.02 * bits;
      });
      for (let i = 1; i < costs.length; i++) expect(costs[i]!).toBeLessThanOrEqual(costs[i - 1]! * (1 + 1e-9));
    }
  });

  test('a higher price buys fewer bits for more error', () => {
    const points = [0.001, 0.01, 0.1].map((lambda) => shareEntropyConstrained(bell, undefined, { lambda, zero: true }));
    for (let i = 1; i < points.length; i++) {
      expect(points[i]!.bits).toBeLessThan(points[i - 1]!.bits);
      expect(points[i]!.error).toBeGreaterThan(points[i - 1]!.error);
    }
  });

  test('beats uniform steps and k-means at the same entropy', () => {
    const { error, bits } = shareEntropyConstrained(bell, undefined, { lambda: 0.05, zero: true });
    const uniform = uniformShare(bell, undefined, { step: 1.1 });
    const means = kmeans(bell, 4);
    const alternatives = [uniform, { kind: 'shared', ...means, mask: new Uint8Array(bell.length).fill(1) } as const];
    for (const form of alternatives) {
      // Lagrangian cost decides between points of different entropy.
      const cost = squaredError(bell, sharedParametrization.toDense(form)) + 0.05 * entropyBits(form);
      expect(error + 0.05 * bits).toBeLessThan(cost);
    }
  });
});

test('at a high rate the bell costs what theory says', () => {
  // Gish and Pierce 1968: D(R) → (2πe/12)·σ²·2^(−2R) = 1.423·2^(−2R); at λ the slope dD/dR = −2 ln2·D = −λ.
  const lambda = 0.003;
  const { error, bits } = shareEntropyConstrained(bell, undefined, { lambda });
  const distortion = error / bell.length;
  const rate = bits / bell.length;
  expect(distortion / (((Math.PI * Math.E) / 6) * 2 ** (-2 * rate))).toBeCloseTo(1, 1);
  expect(distortion / (lambda / (2 * Math.LN2))).toBeCloseTo(1, 1);
});

describe('errors', () => {
  test.each([
    [{ lambda: -1 }, RangeError, 'shareEntropyConstrained: "lambda" expected a finite number ≥ 0, got -1'],
    [{ lambda: Number.NaN }, RangeError, '"lambda"'],
    [{ lambda: 1, count: 0 }, RangeError, '"count" expected a whole number 1 … 65535, got 0'],
    [{ lambda: 1, iterations: 0 }, RangeError, '"iterations"'],
    [{ lambda: 1, init: 'x' as 'linear' }, RangeError, '"init"'],
    [{ lambda: 1, init: 'random' }, TypeError, '"random" expected a Random'],
  ] as const)('%o', (options, kind, message) => {
    expect(() => shareEntropyConstrained(bell, undefined, options)).toThrow(kind);
    expect(() => shareEntropyConstrained(bell, undefined, options)).toThrow(message);
  });
});

/** Σ −log₂ p of the symbols: of all values, zero being one symbol, or of the ones in `among`. */
function entropyBits({ indices, mask }: Shared, among?: Uint8Array): number {
  const counts = new Map<number, number>();
  let total = 0;
  for (let i = 0; i < indices.length; i++) {
    if (among?.[i] === 0) continue;
    const symbol = mask[i] ? indices[i]! : -1;
    counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    total++;
  }
  return [...counts.values()].reduce((sum, count) => sum + count * Math.log2(total / count), 0);
}

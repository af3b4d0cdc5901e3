// Times clustering of bell-shaped values: node --conditions=@pare/source --import tsx bench/kmeans.bench.ts [values]
import { seededRandom } from '@pare/core';
import {
  type Clustering,
  kmeans,
  optimalKmeans,
  sharedParametrization,
  shareEntropyConstrained,
  shareValues,
} from '../src/index.ts';

const length = Number(process.argv[2] ?? 1_000_000);
const random = seededRandom(1);
// A million drawn numbers, each further million scaled a little, so that all values differ.
const drawn = Float32Array.from({ length: Math.min(length, 1_000_000) }, () => 0.02 * random.normal());
const values = new Float32Array(length);
for (let i = 0; i < length; i++) values[i] = drawn[i % drawn.length]! * (1 + Math.floor(i / drawn.length) * 1e-3);

/** Least of `rounds` runs. */
function time(what: string, rounds: number, work: () => Partial<Clustering> | undefined): void {
  let least = Number.POSITIVE_INFINITY;
  let result: Partial<Clustering> | undefined;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    result = work();
    least = Math.min(least, performance.now() - start);
  }
  const notes =
    result && `${result.iterations} rounds, ${result.codebook?.length} entries, error ${result.error?.toPrecision(5)}`;
  console.log(`${what.padEnd(44)} ${least.toFixed(2).padStart(9)} ms   ${notes ?? ''}`);
}

for (const count of [32, 256, 65_536]) {
  for (const init of ['linear', 'density'] as const) {
    time(`kmeans, ${length} values, ${count}, ${init}`, 3, () => kmeans(values, count, { init }));
  }
}
time(`entropy-constrained with zero, ${length} values`, 3, () => {
  const { form, ...rest } = shareEntropyConstrained(values, undefined, { lambda: 1e-5, zero: true });
  return { ...rest, codebook: form.codebook };
});
const few = values.subarray(0, 32_000);
time(`kmeans, ${few.length} values, 32`, 5, () => kmeans(few, 32));
time(`optimalKmeans, ${few.length} values, 32`, 3, () => optimalKmeans(few, 32));

const layer = values.subarray(0, 400_000);
const pruned = Uint8Array.from(layer, () => (random.float() < 0.08 ? 1 : 0));
for (const [what, mask] of [
  ['all kept', undefined],
  ['8 % kept', pruned],
] as const) {
  const form = shareValues(layer, mask, { bits: 5 });
  const out = layer.slice();
  time(
    `constrainGradient, ${layer.length} weights, ${what}`,
    100,
    () => void sharedParametrization.constrainGradient(form, out),
  );
  time(`toDense, ${layer.length} weights, ${what}`, 100, () => void sharedParametrization.toDense(form, out));
  time(`absorb, ${layer.length} weights, ${what}`, 100, () => void sharedParametrization.absorb(form, out));
}

import { join } from 'node:path';
import { writeWhole } from '@pare/cli/whole-file';
import { type Model, parameterCount } from '@pare/core';
import { decodeModel, describeFile, encodeModel } from '@pare/format';
import { type Examples, evaluate } from '@pare/tfjs';
import { judgeClaims } from './claims.ts';
import { countJudgement, readJson } from './judgement/tally.ts';
import { committedResult } from './places.ts';
import type { Claim, Phase, Recipe } from './recipe.ts';
import { addedTo, reportOf } from './recipe-plugins.ts';
import { writeRecipeReport } from './report/write-report.ts';
import type { PhaseResult, Result } from './result.ts';
import type { RunOptions } from './run-recipe.ts';
import { freeSizes, layerSizes } from './sizes.ts';
import { versions } from './versions.ts';

export interface Finished {
  readonly phases: readonly Phase[];
  /** After each phase. */
  readonly models: readonly Model[];
  /** Training examples that were held back. */
  readonly validation: Examples;
  readonly seconds: number;
  readonly resumed: boolean;
}

/**
 * Measures what a recipe has made, chooses the final network on held-back examples, judges it on the test examples, and
 * writes `<recipe>.pare` and `result.json` into the run's folder. What is measured is always the decoded file.
 */
export function judge(
  recipe: Recipe,
  options: RunOptions,
  { phases, models, validation, seconds, resumed }: Finished,
): Result {
  const { mode, seed, data, folder } = options;
  const added = addedTo(recipe);
  const measured = phases.map(({ name }, i) => {
    const bytes = encodeModel(models[i]!, added.encode);
    const decoded = decodeModel(bytes, added);
    const description = describeFile(bytes, added);
    const bytesOf = new Map(description.weights.map((weight) => [weight.name, weight.bytes]));
    const layers = layerSizes(decoded, added.forms).map((layer) => ({ ...layer, bytes: bytesOf.get(layer.name)! }));
    return {
      phase: name,
      bytes,
      decoded,
      description,
      validationError: evaluate(decoded, validation, added.forms).error,
      fileBytes: bytes.length,
      keptKernelWeights: sumOf(layers, 'kept'),
      layers,
    };
  });
  const final = choose(measured, recipe);
  const dense = measured[0]!;
  const named = ({ after }: Claim) => (after === undefined ? final : measured.find(({ phase }) => phase === after));
  const judged = judgements(recipe.name, options); // before looking, so that even a run that then fails has been counted
  const tested = new Map<string, number>();
  for (const { phase, decoded } of [
    dense,
    final,
    ...recipe.claims.filter(isAboutError).map((claim) => named(claim)!),
  ]) {
    if (!tested.has(phase)) tested.set(phase, evaluate(decoded, data.test, added.forms).error);
  }
  const originalBytes = 4 * parameterCount(dense.decoded);
  const claims = judgeClaims(recipe.claims, data.source, (claim) => {
    const network = named(claim);
    if (!network) return null;
    if (claim.what === 'compression') return originalBytes / network.fileBytes;
    if (claim.what === 'top-1 error') return tested.get(network.phase)!;
    return sumOf(dense.layers, 'elements') / network.keptKernelWeights;
  });
  const { parts, weights } = final.description;
  const result: Result = {
    recipe: recipe.name,
    mode,
    data: { source: data.source, note: data.note, sha256: data.sha256 },
    seed,
    versions: versions(),
    claims,
    departures: recipe.departures ?? [],
    publishedDensities: recipe.publishedDensities ?? null,
    sizes: {
      originalBytes,
      fileBytes: final.fileBytes,
      ratio: originalBytes / final.fileBytes,
      ...freeSizes(final.decoded, added.forms),
      denseUint8BrotliBytes: freeSizes(dense.decoded, added.forms).uint8BrotliBytes,
      headerBytes: parts.reduce((sum, part) => sum + (part.kind === 'record' ? 0 : part.bytes), 0),
      parts: weights.map(({ name, codec, bytes, bytesByStream }) => ({ name, codec, bytes, bytesByStream })),
    },
    phases: measured.map(
      ({ bytes: _bytes, decoded: _decoded, description: _description, ...rest }): PhaseResult => ({
        ...rest,
        testError: tested.get(rest.phase) ?? null,
      }),
    ),
    final: final.phase,
    accuracy: { before: 1 - tested.get(dense.phase)!, after: 1 - tested.get(final.phase)! },
    judged,
    seconds,
    resumed,
  };
  writeWhole(join(folder, `${recipe.name}.pare`), final.bytes);
  writeWhole(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  writeRecipeReport(join(folder, 'report.html'), recipe, result);
  for (const { id, extension, render } of added.reporters) {
    writeWhole(join(folder, `${id}.${extension}`), render(reportOf(result, final.decoded)));
  }
  return result;
}

/** Chooses the final network as the recipe asks, by bytes and held-back error alone. */
export function choose<T extends Pick<PhaseResult, 'phase' | 'validationError' | 'fileBytes'>>(
  measured: readonly T[],
  { final }: Pick<Recipe, 'final'>,
): T {
  if (!final) return measured.at(-1)!;
  const candidates = measured.filter(({ phase }) => final.among.includes(phase));
  const bound = measured[0]!.validationError + final.heldBackRiseAtMost + 1e-9; // errors are multiples of 1/5000
  const within = candidates.filter(({ validationError }) => validationError <= bound);
  return within.length
    ? within.reduce((best, other) => (other.fileBytes < best.fileBytes ? other : best))
    : candidates.reduce((best, other) => (other.validationError < best.validationError ? other : best));
}

const isAboutError = ({ what }: Claim): boolean => what === 'top-1 error';

const sumOf = (layers: PhaseResult['layers'], what: 'kept' | 'elements'): number =>
  layers.filter(({ name }) => name.endsWith('/kernel')).reduce((sum, layer) => sum + layer[what], 0);

/** How often this recipe in this mode with this seed has been judged on the test images, by the run's folder and the committed result. */
function judgements(recipe: string, { mode, seed, folder, data }: RunOptions): number {
  if (data.source === 'generated') return 1; // drawn digits are no judge of anything
  const committed = readJson<Result>(committedResult(recipe, mode, seed));
  return countJudgement(join(folder, 'judged.json'), 'judged', committed ? [committed.judged] : []);
}

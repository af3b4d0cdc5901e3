import { duration } from './display.ts';
import { count, percent } from './numbers.ts';
import type { Bound, Recipe } from './recipe.ts';
import type { Result } from './result.ts';
import { textTable } from './text-table.ts';

/** Writes a result as a table for people: claims, sizes by phase, densities beside the paper's. */
export function describeResult(recipe: Recipe, result: Result): string {
  const { sizes, phases, data } = result;
  const generated = data.source === 'generated';
  const lines = [
    `${recipe.title}  (${result.mode}, seed ${result.seed}${generated ? ', GENERATED DATA' : ''})`,
    `  ${recipe.source}`,
    ...(generated
      ? [
          `  GENERATED DATA, not MNIST: ${data.note}`,
          '  Errors below are on drawn digits and say nothing about the published ones.',
        ]
      : []),
    ...(result.departures.length ? [`  Departs from it: ${result.departures.join('; ')}.`] : []),
    '',
    ...textTable(
      ['claim', 'published', 'bound', 'measured', 'met'],
      result.claims.map((claim) => [
        `${claim.what}${claim.after === undefined ? '' : ` (${claim.after})`}`,
        claim.published === null ? '–' : value(claim.what, claim.published),
        bound(claim.what, claim.bound) + (claim.goal ? ` (goal ${bound(claim.what, claim.goal)})` : ''),
        claim.measured === null ? 'not measured' : value(claim.what, claim.measured),
        claim.met === null ? '–' : claim.met ? 'yes' : 'NO',
      ]),
    ),
    '',
    ...textTable(
      ['phase', 'bytes', 'ratio', 'weights kept', 'held-back error', 'test error'],
      phases.map((phase) => [
        phase.phase === result.final && phases.length > 1 ? `${phase.phase} *` : phase.phase,
        count(phase.fileBytes),
        `${(sizes.originalBytes / phase.fileBytes).toFixed(1)}x`,
        count(phase.keptKernelWeights),
        percent(phase.validationError, 2),
        phase.testError === null ? '' : percent(phase.testError, 2),
      ]),
    ),
    '',
    ...textTable(
      ['layer', 'weights', 'kept', 'density', ...(recipe.publishedDensities ? ['published'] : []), 'bytes', 'codec'],
      phases
        .find(({ phase }) => phase === result.final)!
        .layers.map((layer) => {
          const part = sizes.parts.find(({ name }) => name === layer.name);
          const published = recipe.publishedDensities?.[layer.name];
          return [
            layer.name,
            count(layer.elements),
            count(layer.kept),
            percent(layer.density, 2),
            ...(recipe.publishedDensities ? [published === undefined ? '' : percent(published, 0)] : []),
            part ? count(Math.round(part.bytes)) : '',
            part?.codec ?? '',
          ];
        }),
    ),
    '',
    `  * the final network${recipe.final ? ', chosen on held-back digits' : ''}: whole file ${count(sizes.fileBytes)} B (header ${sizes.headerBytes}) · the same weights as uint8: gzip ${count(sizes.uint8GzipBytes)} B, brotli ${count(sizes.uint8BrotliBytes)} B · the dense net as uint8, brotli ${count(sizes.denseUint8BrotliBytes)} B`,
    `  ${duration(result.seconds)} of training; judged on the test images ${result.judged === 1 ? 'once' : `${result.judged} times`}`,
  ];
  return lines.join('\n');
}

const bound = (what: string, limit: Bound): string =>
  'atLeast' in limit ? `≥ ${value(what, limit.atLeast)}` : `≤ ${value(what, limit.atMost)}`;
const value = (what: string, number: number): string =>
  what === 'top-1 error' ? percent(number, 2) : `${number.toFixed(number < 100 ? 1 : 0)}x`;

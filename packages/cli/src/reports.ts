import { resolve } from 'node:path';
import { type Drift, elementCount, type Model, type Registry, type Report, type Reporter } from '@pare/core';
import type { Baselines } from './baselines.ts';
import type { JudgedWeight } from './compression/judge.ts';
import { UsageError } from './exit.ts';

/** A reporter, and where its words go. */
export interface ReporterFor {
  readonly reporter: Reporter;
  readonly file: string;
}

/**
 * The reporters that a command line asks for.
 *
 * @param words - `id`, or `id=file`; default file: the output with the reporter's extension
 * @throws UsageError if there is no such reporter
 */
export function reportersFor(
  { reporters }: Pick<Registry, 'reporters'>,
  words: readonly string[] | undefined,
  output: string,
  folder: string,
): ReporterFor[] {
  return (words ?? []).map((word) => {
    const at = word.indexOf('=');
    const id = at < 0 ? word : word.slice(0, at);
    const reporter = reporters.find((one) => one.id === id);
    if (!reporter) {
      const known = reporters.map((one) => one.id).join(', ');
      throw new UsageError(`--report: no reporter "${id}"; there are ${known}, and what --plugin adds`);
    }
    const file = at < 0 ? `${output}.${reporter.extension}` : resolve(folder, word.slice(at + 1));
    if (file === output) throw new UsageError(`--report: ${word} would replace the output; name another file`);
    return { reporter, file };
  });
}

/** What `pare compress` found, for a reporter. */
export function reportOf(found: {
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly original: Model;
  readonly relativeError: number;
  readonly weights: readonly JudgedWeight[];
  readonly drift: Drift | undefined;
  readonly compared: Baselines | undefined;
  readonly seconds: number;
  readonly notes: readonly string[];
}): Report {
  const { title, bytes, original, relativeError, weights, drift, compared, seconds, notes } = found;
  const { uint8GzipBytes, uint8BrotliBytes, uint8RelativeError } = compared ?? {};
  const free = (name: string, size: number | undefined): Report['beside'] =>
    size === undefined || uint8RelativeError === undefined
      ? []
      : [{ name, bytes: size, relativeError: uint8RelativeError }];
  return {
    title,
    bytes: bytes.length,
    originalBytes: original.weights.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0),
    beside: [...free('uint8 + gzip −9', uint8GzipBytes), ...free('uint8 + brotli −11', uint8BrotliBytes)],
    relativeError,
    weights: weights.map(({ name, shape, density, bytes: size, codec, relativeError: error }) => {
      return { name, shape, density, bytes: size, codec, relativeError: error };
    }),
    facts: [{ name: 'time', value: seconds, unit: 's' }, ...(drift ? factsOf(drift) : [])],
    notes,
  };
}

const factsOf = ({ divergence, agreement, drop, count }: Drift): Report['facts'] => [
  { name: 'held-back examples', value: count },
  { name: 'mean divergence', value: divergence, unit: 'nats' },
  { name: 'same answer', value: 100 * agreement, unit: '%' },
  ...(drop === undefined ? [] : [{ name: 'top-1 lost', value: 100 * drop, unit: 'points' }]),
];

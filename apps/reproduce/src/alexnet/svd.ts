import { alexnet, layerTable, lenet300, withWeights } from '@pare/architectures';
import { type Model, parameterCount, run, seededRandom } from '@pare/core';
import { importModel, memorySource, safetensors } from '@pare/interop';
import { factorize, factorizedLayers } from '@pare/plugin-low-rank';
import { type Examples, evaluate } from '@pare/tfjs';

/** AlexNet by singular value decomposition: its size alone, since there are no weights of it here. */
export interface SvdRow {
  /** Of fc6, fc7 and fc8. */
  readonly ranks: Readonly<Record<string, number>>;
  readonly parameters: number;
  /** As float32. */
  readonly bytes: number;
  readonly ratio: number;
  readonly note: string;
  readonly published: {
    readonly bytes: number;
    readonly ratio: number;
    readonly top1: number;
    readonly source: string;
  };
}

/** Share of the full rank that each dense layer keeps: the one that leaves the published number of parameters. */
const RANK_SHARE = 0.1026;

/**
 * Computes the size of the second row of SqueezeNet's table 2 on AlexNet's shapes.
 *
 * The ranks were not published. Those of the dense layers, in which 96 % of the parameters are, are taken as one share of their
 * full rank (4096, 4096 and 1000) that leaves the 11.9 million parameters of Han et al. 2015, table 6.
 */
export function svdAlexnet(): SvdRow {
  const layers = alexnet();
  const ranks: Record<string, number> = {};
  for (const layer of layers) if (layer.kind === 'dense') ranks[layer.name] = Math.round(RANK_SHARE * layer.units);
  const count = (of: typeof layers): number =>
    layerTable(of).reduce((sum, { weights, biases }) => sum + weights + biases, 0);
  const parameters = count(factorizedLayers(layers, ({ name }) => ranks[name]).layers);
  return {
    ranks,
    parameters,
    bytes: 4 * parameters,
    ratio: count(layers) / parameters,
    note: 'ranks were not published: one share of the full rank in each dense layer, which leaves the published 11.9 million parameters',
    published: {
      bytes: 48e6,
      ratio: 5,
      top1: 0.56,
      source: 'Iandola et al. 2016, arXiv:1602.07360, table 2, after Denton et al. 2014; Han et al. 2015, table 6',
    },
  };
}

/** What factorising costs LeNet-300-100, without retraining. */
export interface SvdPoint {
  /** Of ip1 and ip2; ip3 stays. Null: not factorised. */
  readonly ranks: { readonly ip1: number; readonly ip2: number } | null;
  readonly parameters: number;
  readonly bytes: number;
  readonly ratio: number;
  /** Share of the examples answered wrongly. */
  readonly error: number;
}

/** Shares of the full ranks, 300 and 100, that are measured. */
export const SHARES = [0.5, 0.25, 0.15, 0.1, 0.05] as const;

/**
 * Measures the accuracy that singular value decomposition costs a trained LeNet-300-100. The wasm backend must have been started.
 *
 * @param file - a safetensors file of the network
 * @returns the dense network first, then each share
 */
export async function svdLenet(
  file: Uint8Array,
  examples: Examples,
  shares: readonly number[] = SHARES,
): Promise<SvdPoint[]> {
  const { model: read } = await importModel(memorySource(new Map([['lenet.safetensors', file]])), {
    importers: [safetensors],
  });
  const dense = withWeights(lenet300(), read.weights, 'LeNet-300-100');
  const point = (model: Model, ranks: SvdPoint['ranks']): SvdPoint => {
    const parameters = parameterCount(model);
    const { error } = evaluate(model, examples);
    return { ranks, parameters, bytes: 4 * parameters, ratio: parameterCount(dense) / parameters, error };
  };
  const points = [point(dense, null)];
  for (const share of shares) {
    const ranks = { ip1: Math.round(300 * share), ip2: Math.round(100 * share) };
    points.push(point(await run(dense, [factorize({ rank: { byName: ranks } })], { random: seededRandom(1) }), ranks));
  }
  return points;
}

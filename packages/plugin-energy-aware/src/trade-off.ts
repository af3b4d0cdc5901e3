import { type Calibration, type LayerStatistics, type Model, mapWeights, weightOf } from '@pare/core';
import { correctedBias, layerCurvature } from '@pare/rate-distortion';
import { type KernelPlan, type KernelPlanOptions, kernelPlan } from './kernel-plan.ts';
import { densityOf, type KernelLayer, kernelLayers, kernelValues } from './kernels.ts';
import { type CostAt, costsByDensity, type Objective } from './objective.ts';
import type { PrunedRows } from './prune-rows.ts';

export interface TradeOffOptions extends Objective {
  /** Tells how the layers' inputs vary and what their outputs are worth. */
  readonly calibration: Pick<Calibration, 'statistics'>;
  /** How kernels are pruned; `{ selection: 'magnitude', compensate: false }` is plain magnitude pruning under the same search. */
  readonly local?: KernelPlanOptions;
  readonly signal?: AbortSignal | undefined;
  /** Called with the share done, 0 … 1. */
  readonly onProgress?: (done: number) => void;
}

/** A network made ready to be pruned at any price. */
export interface TradeOff {
  /**
   * The densities at which no layer would do better at a price, and what they come to.
   *
   * @param price - nats that the whole of the network's cost is worth, ≥ 0
   */
  at(price: number): Traded;
  /** The price at which the harm expected comes nearest to a divergence in nats, from below. */
  priceOf(harm: number): number;
  /** The network at a price. */
  prune(price: number): Model;
}

/** What a price comes to, as far as it can be told beforehand. */
export interface Traded {
  /** Expected divergence of the answers, in nats. */
  readonly harm: number;
  /** Of the network's cost, its activations as they were. */
  readonly share: number;
  /** Share of weights that each layer keeps, by name. */
  readonly densities: Readonly<Record<string, number>>;
}

/**
 * Weighs what pruning saves on hardware against what it does to the answers. Each layer has a curve of either, by the share of its weights
 * that is kept; with one price of cost for all, each takes the density of least
 *
 *     harm(density) + price · cost(density) / cost of the network
 *
 * so that nowhere in the network the same could be saved for less. Nothing is trained. Where kernels make up for what has gone, biases
 * keep the mean of their outputs.
 *
 * @throws RangeError if the hardware has no such cost, or the calibration tells nothing of a layer
 * @see Everett 1963, "Generalized Lagrange multiplier method"; Yang, Chen, Sze 2017, arXiv:1611.05128, for what costs are
 */
export async function tradeOff(model: Model, options: TradeOffOptions): Promise<TradeOff> {
  const { calibration, local = {}, signal, onProgress, densitiesOf } = options;
  const layers = kernelLayers(model, 'tradeOff');
  const statistics = await calibration.statistics(model, {
    kernels: layers.map(({ kernel }) => kernel),
    ...(signal && { signal }),
  });
  const costs = costsByDensity(options, model, await densitiesOf?.(model));
  const kernels: Tradable[] = [];
  for (const [i, layer] of layers.entries()) {
    signal?.throwIfAborted();
    const told = statistics.get(layer.kernel);
    if (!told) throw new RangeError(`tradeOff: the calibration tells nothing of "${layer.kernel}"`);
    kernels.push(tradable(model, layer, told, costs.byLayer.get(layer.name)!, local));
    onProgress?.((i + 1) / layers.length);
  }
  const fixed = costs.total - kernels.reduce((sum, { choices }) => sum + choices[0]!.cost, 0);

  const chosen = (price: number): readonly Choice[] =>
    kernels.map(({ choices }) =>
      choices.reduce((best, each) =>
        each.harm + (price * each.cost) / costs.total < best.harm + (price * best.cost) / costs.total ? each : best,
      ),
    );
  const at = (price: number): Traded => {
    const choices = chosen(price);
    return {
      harm: choices.reduce((sum, { harm }) => sum + harm, 0),
      share: costs.total === 0 ? 1 : (fixed + choices.reduce((sum, { cost }) => sum + cost, 0)) / costs.total,
      densities: Object.fromEntries(kernels.map(({ layer }, i) => [layer.name, choices[i]!.density])),
    };
  };
  return {
    at,
    priceOf(harm) {
      // Invariant: at `low` the harm is within what is asked, at `high` it is not, or it is the most that may be asked for.
      let [low, high] = [LEAST_PRICE, MOST_PRICE];
      for (let i = 0; i < 60; i++) {
        const middle = Math.sqrt(low * high);
        if (at(middle).harm <= harm) low = middle;
        else high = middle;
      }
      return low;
    },
    prune(price) {
      const choices = chosen(price);
      return withPruned(model, new Map(kernels.map((kernel, i) => [kernel, kernel.plan.prune(choices[i]!.density)])));
    },
  };
}

/** Prices that are looked at: below, nothing that does harm goes; above, all goes that may. */
export const LEAST_PRICE = 1e-9;
const MOST_PRICE = 1e6;

interface Tradable {
  readonly layer: KernelLayer;
  readonly plan: KernelPlan;
  /** Where a bias takes up the mean of what changes. */
  readonly inputMean: Float32Array | undefined;
  /** The first keeps all. */
  readonly choices: readonly Choice[];
}

interface Choice {
  readonly density: number;
  readonly harm: number;
  readonly cost: number;
}

function tradable(
  model: Model,
  layer: KernelLayer,
  statistics: LayerStatistics,
  cost: CostAt,
  local: KernelPlanOptions,
): Tradable {
  const values = kernelValues(model, layer.kernel);
  const bias = layer.bias === undefined ? undefined : weightOf(model, layer.bias).form.kind;
  const corrects = (local.compensate ?? true) && bias === 'dense';
  const rows = weightOf(model, layer.kernel).shape[0]!;
  const plan = kernelPlan(values, rows, layerCurvature(statistics, rows, { bias: corrects }), local);
  const now = densityOf(values); // what is zero already is neither saved again nor paid for
  const choices = GRID.map((step) => step * now).map((density) => ({
    density,
    harm: plan.harm(density),
    cost: cost(density),
  }));
  return { layer, plan, inputMean: corrects ? statistics.inputMean : undefined, choices };
}

/** Densities to choose from: from one step to the next a layer loses 6 % of what it has, down to 2 %. */
const STEPS = 64;
const LEAST = 0.02;
const GRID: readonly number[] = Array.from({ length: STEPS }, (_, i) => LEAST ** (i / (STEPS - 1)));

function withPruned(model: Model, pruned: ReadonlyMap<Tradable, PrunedRows>): Model {
  const kernels = new Map<string, PrunedRows>();
  const biases = new Map<string, Float32Array>();
  for (const [{ layer, inputMean }, rows] of pruned) {
    kernels.set(layer.kernel, rows);
    const bias = layer.bias === undefined ? undefined : weightOf(model, layer.bias).form;
    if (inputMean && bias?.kind === 'dense') {
      biases.set(layer.bias!, correctedBias(bias.values, kernelValues(model, layer.kernel), rows.values, inputMean));
    }
  }
  return mapWeights(model, ({ weight }) => {
    const rows = kernels.get(weight.name);
    if (rows) return { ...weight, form: { kind: 'masked', ...rows } };
    const values = biases.get(weight.name);
    return values ? { ...weight, form: { kind: 'dense', values } } : weight;
  });
}

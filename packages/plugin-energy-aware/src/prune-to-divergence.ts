import type { Calibration, Drift, Model, Stage } from '@pare/core';
import { checkSettings } from './_settings.ts';
import { unchangedAsBefore } from './kernels.ts';
import { LEAST_PRICE, type Traded, type TradeOff, type TradeOffOptions, tradeOff } from './trade-off.ts';

export interface PruneToDivergenceOptions extends Omit<TradeOffOptions, 'signal' | 'onProgress'>, SearchOptions {
  /** What is learned, and what is judged on: its held-back examples. */
  readonly calibration: Calibration;
}

export interface SearchOptions {
  /** How far the answers to held-back examples may move, in nats. */
  readonly maxDivergence: number;
  /** What is expected to come to that, in nats, where an earlier search has shown it; default as much as is allowed. */
  readonly expected?: number;
  /** Most networks that are made and judged; default 6. */
  readonly tries?: number;
  /** Called after each. */
  readonly onTry?: (tried: Tried) => void;
}

/** A network that was judged. */
export interface Tried extends Traded {
  readonly price: number;
  readonly model: Model;
  readonly drift: Drift;
}

/**
 * Prunes a network without training by what it costs on hardware: as far as its answers to held-back examples allow. Which layer gives
 * how much is one trade (`tradeOff`); which of its weights go is what does least harm once the others have made up for it.
 *
 * @throws RangeError naming an option that is out of range
 * @example
 * // pruneToDivergence({ hardware: eyeriss(), calibration, workload: { batch: 48 }, maxDivergence: 0.03 })
 */
export function pruneToDivergence(options: PruneToDivergenceOptions): Stage {
  const { hardware, what = 'energyPj', workload, local = {}, maxDivergence, tries = 6, calibration } = options;
  checkSearch('pruneToDivergence', options);
  return {
    name: 'pruneToDivergence',
    options: { hardware: hardware.name, what, local, maxDivergence, tries, ...(workload && { workload }) },
    async run(model, { signal, report }) {
      const told = (fraction: number) => report({ stage: 'pruneToDivergence', fraction });
      const traded = await tradeOff(model, { ...options, signal, onProgress: (done) => told(0.5 * done) });
      let tried = 0;
      const judge = async (candidate: Model): Promise<Drift> => {
        signal?.throwIfAborted();
        told(0.5 + (0.5 * tried++) / tries);
        return calibration.judge(candidate);
      };
      const found = await cheapestWithin(traded, judge, options);
      return found ? unchangedAsBefore(model, found.model) : model;
    },
  };
}

/**
 * Finds the price at which a network's answers move as far as they may, and no further.
 *
 * What is expected beforehand is right but for a factor that hardly changes: each try corrects it. Prices make only so many networks; where the
 * corrected one makes one that was judged before, the next lies between what was within and what was not, until there is none between.
 *
 * @returns undefined if nothing that was tried was within
 * @throws RangeError naming an option that is out of range
 */
export async function cheapestWithin(
  traded: TradeOff,
  judge: (model: Model) => Promise<Drift>,
  options: SearchOptions,
): Promise<Tried | undefined> {
  checkSearch('cheapestWithin', options);
  const { maxDivergence, expected: first = maxDivergence, tries = 6, onTry } = options;
  let expected = first;
  let best: Tried | undefined;
  let tooDear: number | undefined; // the lowest price of what was not within
  const judged = new Map<number, boolean>(); // whether a network was within, by its share of the cost
  for (let i = 0; i < tries; i++) {
    let price: number | undefined = traded.priceOf(expected);
    if (judged.has(traded.at(price).share)) {
      price = untried(traded, judged, best?.price ?? LEAST_PRICE, tooDear ?? traded.priceOf(FARTHEST * expected));
      if (price === undefined) break;
      expected = traded.at(price).harm;
    }
    const at = traded.at(price);
    const model = traded.prune(price);
    const drift = await judge(model);
    const tried: Tried = { ...at, price, model, drift };
    onTry?.(tried);
    const reached = drift.divergence / maxDivergence;
    judged.set(at.share, reached <= 1);
    if (reached > 1) tooDear = Math.min(tooDear ?? price, price);
    else if (!best || tried.share < best.share) best = tried;
    if (reached <= 1 && reached > NEAR) break;
    expected *= Math.min(FARTHEST, Math.max(1 / FARTHEST, AIM / Math.max(reached, 1e-9)));
  }
  return best;
}

/** A price between two whose network has not been judged; undefined if there is none between. */
function untried(
  traded: TradeOff,
  judged: ReadonlyMap<number, boolean>,
  within: number,
  beyond: number,
): number | undefined {
  let [low, high] = [within, beyond];
  while (high > low * (1 + CLOSE)) {
    const middle = Math.sqrt(low * high);
    const { share } = traded.at(middle);
    const isWithin = judged.get(share);
    if (isWithin === undefined) return middle;
    if (isWithin) low = middle;
    else high = middle;
  }
  return undefined;
}

/** Prices that differ by so little make the same network. */
const CLOSE = 1e-9;
/** By how much what is expected is corrected at most, from one try to the next. */
const FARTHEST = 4;

function checkSearch(caller: string, { maxDivergence, expected = maxDivergence, tries = 1 }: SearchOptions): void {
  checkSettings(caller, 'positive', { maxDivergence, expected });
  checkSettings(caller, 'count', { tries });
}

/** Of what is allowed: near enough, and what is aimed at so as not to miss it from the other side. */
const NEAR = 0.96;
const AIM = 0.985;

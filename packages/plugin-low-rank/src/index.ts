export { type FactorizeOptions, factorize } from './factorize.ts';
export { type Factorization, factorizedLayers } from './factorized-layers.ts';
export { type LowRankFactors, type LowRankOptions, lowRankFactors } from './low-rank.ts';
export { plugin as default } from './plugin.ts';

export { compensate, type InputMoments } from './compensate.ts';
export { type EnergyAwareOptions, energyAwarePrune, type RoundReport } from './energy-aware.ts';
export { invert } from './invert.ts';
export { type KeepJointlyOptions, keepJointly } from './keep-jointly.ts';
export { type KernelCurvature, type KernelPlan, type KernelPlanOptions, kernelPlan } from './kernel-plan.ts';
export { type NetAdaptOptions, netAdapt } from './net-adapt.ts';
export { type Objective, priceNetwork } from './objective.ts';
export { plugin as default } from './plugin.ts';
export { type LayerMoments, outputError, type PrunedRows, type PruneRowsOptions, pruneRows } from './prune-rows.ts';
export {
  cheapestWithin,
  type PruneToDivergenceOptions,
  pruneToDivergence,
  type SearchOptions,
  type Tried,
} from './prune-to-divergence.ts';
export { type RefitOptions, refit } from './refit.ts';
export { magnitudePath, type RemovalPath, removalPath } from './removal-path.ts';
export { type Traded, type TradeOff, type TradeOffOptions, tradeOff } from './trade-off.ts';

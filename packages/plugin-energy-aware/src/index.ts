export { type EnergyAwareOptions, energyAwarePrune, type RoundReport } from './energy-aware.ts';
export { type KeepJointlyOptions, keepJointly } from './keep-jointly.ts';
export { type NetAdaptOptions, netAdapt } from './net-adapt.ts';
export { type Objective, priceNetwork } from './objective.ts';
export { plugin as default } from './plugin.ts';
export { type LayerMoments, outputError, type PrunedRows, type PruneRowsOptions, pruneRows } from './prune-rows.ts';
export { type RefitOptions, refit } from './refit.ts';

export { withoutDeadNeurons } from './dead.ts';
export { removeDeadNeurons } from './dead-stage.ts';
export { densityOf, keptCount } from './density.ts';
export { adjustedDropout } from './dropout.ts';
export { type MagnitudeRule, magnitudeMask, magnitudeThreshold, standardDeviation } from './magnitude.ts';
export { type MagnitudePruneOptions, magnitudePrune } from './magnitude-stage.ts';
export { applyMask, maskedParametrization } from './masked.ts';
export { geometricSchedule, type KeepSchedule, polynomialSchedule, type ScheduleOptions } from './schedule.ts';
export { codingBits, damageSaliency } from './second-order.ts';
export { type FisherPruneOptions, fisherPrune } from './second-order-stage.ts';
export {
  chooseDensities,
  type SensitivityCurve,
  type SensitivityOptions,
  type SensitivityPoint,
  type SensitivityScan,
  sensitivityScan,
} from './sensitivity.ts';
export { type SurgeryRule, surgeryMask } from './surgery.ts';
export { type DynamicSurgeryOptions, dynamicSurgery } from './surgery-stage.ts';
export { type GlobalChoice, type GlobalLayer, globalThreshold } from './threshold.ts';

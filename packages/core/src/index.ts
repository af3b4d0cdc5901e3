export type { Calibration, Drift, LayerStatistics, StatisticsOptions } from './calibration.ts';
export type { Decoder, Encoder } from './codec.ts';
export type { Cost, CostData, CostPart, HardwareConstant, HardwareModel, Workload } from './cost.ts';
export { CorruptDataError, MissingPartError } from './errors.ts';
export type { ExportedFiles, Exporter, ImportedModel, Importer, ImportSource } from './interop.ts';
export * from './layer.ts';
export * from './model.ts';
export { createStage, defineStage, type NamedStage } from './named-stage.ts';
export { denseParametrization, type Parametrization, parametrizationOf } from './parametrization.ts';
export { createRegistry, definePlugin, type Plugin, type Registry } from './plugin.ts';
export { type Random, seededRandom, threefry2x32 } from './random.ts';
export type { Report, ReportedWeight, Reporter } from './report.ts';
export {
  biases,
  checkNames,
  kernels,
  matches,
  type PerWeight,
  resolvePerWeight,
  type Selector,
  selectorText,
  selectWeights,
} from './select.ts';
export {
  chain,
  only,
  type Progress,
  partsOf,
  type RunOptions,
  repeat,
  retrain,
  run,
  type Stage,
  type StageContext,
} from './stage.ts';
export type { Metrics, TrainBudget, Trainer } from './trainer.ts';
export * from './weight.ts';

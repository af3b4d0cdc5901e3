export { type CodecContractOptions, type CodecPair, codecContract, describeCodec } from './codec-contract.ts';
export { type ContractCase, demand, describeContract } from './contract.ts';
export { describeExporter, type ExporterContractOptions, exporterContract } from './exporter-contract.ts';
export * from './forms.ts';
export { type HardCase, hardArrays, hardMasks } from './hard-cases.ts';
export { describeHardware, type HardwareContractOptions, hardwareContract } from './hardware-contract.ts';
export {
  describeImporter,
  type ImporterContractOptions,
  type ImporterSample,
  importerContract,
} from './importer-contract.ts';
export * from './models.ts';
export {
  describeParametrization,
  type FreeParameters,
  type ParametrizationContractOptions,
  parametrizationContract,
} from './parametrization-contract.ts';
export { referenceForward } from './reference.ts';
export { describeReporter, type ReporterContractOptions, reporterContract } from './reporter-contract.ts';
export { difference, same } from './same.ts';
export { describeStage, type StageContractOptions, stageContract } from './stage-contract.ts';
export { restlessTrainer } from './trainer.ts';

export { type Action, type EnergyTable, price } from './actions.ts';
export { activeColumns, countColumns, type EieColumns } from './eie/columns.ts';
export { type DrawnMatrix, drawnColumns, drawnWithEntries, REAL_UNEVENNESS } from './eie/drawn.ts';
export { decodeEie, type EieMatrix, encodeEie } from './eie/encode.ts';
export { type EieMachine, eieMachine } from './eie/machine.ts';
export { type EieOptions, eie } from './eie/model.ts';
export { countReads, type EieReads } from './eie/reads.ts';
export { type EieRun, simulateEie } from './eie/simulate.ts';
export { eieCycles } from './eie/timing.ts';
export { type Gating, runLengthRatio } from './eyeriss/energy.ts';
export { EYERISS, type Mapping, type RowStationaryMachine } from './eyeriss/machine.ts';
export { type EyerissOptions, eyeriss } from './eyeriss/model.ts';
export { searchMapping } from './eyeriss/search.ts';
export { misfit, type Traffic, trafficOf } from './eyeriss/traffic.ts';
export { type Geometry, geometryOf } from './geometry.ts';
export type { Device, FormatSpeed } from './ladder/devices.ts';
export { asic, cpu, cpuData, deviceModel, fpga, gpu, mgpu } from './ladder/roofline.ts';
export { type LadderStep, ladder } from './ladder/rule.ts';
export { readLayerTable, writeLayerTable } from './layer-table.ts';
export { hardwareNamed, hardwareNames } from './named.ts';
export { energyBy, type NetworkCost, networkCost } from './network-cost.ts';
export {
  MEMORY_ENERGIES,
  type MemoryEnergy,
  OPERATION_ENERGIES,
  type OperationEnergy,
  operationEnergy,
  PRUNING_PAPERS_ENERGIES,
} from './tables/horowitz.ts';
export { type Densities, memoryBytes, modelWorkloads, type WorkloadOptions, workloadsOf } from './workloads.ts';

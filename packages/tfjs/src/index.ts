export { startWasm } from './backend.ts';
export { buildLayersModel } from './build-model.ts';
export { distort } from './distort.ts';
export type { Examples } from './examples.ts';
export { readLayersModel } from './read-model.ts';
export { createTrainer, evaluate, type TrainerOptions, type TrainState, type TrainStore } from './trainer.ts';

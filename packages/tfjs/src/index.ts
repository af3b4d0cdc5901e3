export { type AnswersOptions, answersOf } from './answers.ts';
export { type Augmentation, distorted, randomCrops } from './augmentation.ts';
export { startWasm } from './backend.ts';
export { type CalibrationOptions, createCalibration } from './calibration.ts';
export { distort } from './distort.ts';
export { evaluate } from './evaluate.ts';
export type { Examples } from './examples.ts';
export { builtinForms } from './forms.ts';
export { createTrainer, type TrainerOptions, type TrainState, type TrainStore } from './trainer.ts';

export { installWasmGradients, type WasmGradients, type WasmGradientsOptions } from './wasm-gradients/install.ts';
export {
  type AdamOptions,
  adamStepInPlace,
  type MomentumOptions,
  momentumStepInPlace,
  type StepOptions,
} from './wasm-gradients/optimizer-step.ts';
export { softmaxCrossEntropy } from './wasm-gradients/softmax-cross-entropy.ts';

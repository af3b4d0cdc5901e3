export { installWasmGradients, type WasmGradients, type WasmGradientsOptions } from './wasm-gradients/install.ts';

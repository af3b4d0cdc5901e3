import { packageConfig } from '../../tsup.config.base.ts';

export default packageConfig(['index', 'layers', 'load', 'wasm-gradients', 'sparse-training', 'sparse']);

import { packageConfig } from '../../tsup.config.base.ts';

export default packageConfig(['index', 'layers', 'wasm-gradients', 'sparse-training']);

import { packageConfig } from '../../tsup.config.base.ts';

export default packageConfig(['index', 'decode', 'adaptive', 'wasm', 'delta', 'ranges', 'worker', 'worker-main']);

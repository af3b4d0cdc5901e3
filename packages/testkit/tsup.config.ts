import { packageConfig } from '../../tsup.config.base.ts';

// No CommonJS side: vitest, which the suites register with, refuses to be required.
export default packageConfig(['index'], { format: ['esm'] });

import { mergeConfig } from 'vitest/config';
import { packageTests } from '../vitest.shared.ts';

/** Tests of the documentation of all packages. */
export default mergeConfig(packageTests('docs'), { test: { include: ['*.test.ts'] } });

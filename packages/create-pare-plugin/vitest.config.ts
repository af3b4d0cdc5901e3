import { mergeConfig } from 'vitest/config';
import { packageTests } from '../../vitest.shared.ts';

/** The templates are packages as they stand, so their own tests run here as well. */
export default mergeConfig(packageTests('create-pare-plugin'), { test: { include: ['templates/*/src/*.test.ts'] } });

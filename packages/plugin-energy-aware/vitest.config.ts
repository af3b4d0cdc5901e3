import { packageTests } from '../../vitest.shared.ts';

export default packageTests('plugin-energy-aware');

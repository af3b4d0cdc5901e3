import { ALEXNET_BYTES, TABLE_2 } from '../published.ts';
import { defineRow } from '../row.ts';

/** Where the ladder begins: nothing but the count of AlexNet's parameters. */
export default defineRow({
  id: 'alexnet',
  title: 'AlexNet as float32',
  architecture: 'AlexNet',
  group: 'published',
  published: TABLE_2.alexnet,
  runs: 'always',
  run: async () => ({ bytes: ALEXNET_BYTES, weights: 'none', note: '60,965,224 parameters of four bytes' }),
});

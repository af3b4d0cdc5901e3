import { parameterCount } from '@pare/core';
import type { NetworkName } from '../../data/networks.ts';
import { TABLE_2 } from '../published.ts';
import { defineRow, type Row } from '../row.ts';

/** A dense network as it is: what the accuracy of the rows below is compared with. */
const dense = (id: string, title: string, against: NetworkName, extra: Partial<Row> = {}): Row =>
  defineRow({
    id,
    title,
    architecture: title.replace(/ as .*/, ''),
    group: 'ours',
    runs: 'always',
    against,
    async run({ network }) {
      const model = await network(against);
      return {
        bytes: 4 * parameterCount(model),
        model,
        note: `${parameterCount(model).toLocaleString('en-US')} parameters of four bytes`,
      };
    },
    ...extra,
  });

export const squeezenetDense: Row = dense('squeezenet', 'SqueezeNet v1.0 as float32', 'squeezenet-1.0', {
  group: 'published',
  published: TABLE_2.squeezenet,
});

export const squeezenet11Dense: Row = dense('squeezenet-1.1', 'SqueezeNet v1.1 as float32', 'squeezenet-1.1', {
  runs: 'full',
});

import { EIE_BENCHMARKS, EIE_WATTS } from '@pare/hardware/published';
import type { Table } from '../study/study.ts';
import type { realAlexnetLayers } from './eie-networks.ts';

/** What EIE takes for AlexNet's real matrices, beside the published times. */
export const realTable = (real: ReturnType<typeof realAlexnetLayers>): Table => ({
  title: 'Real matrices: AlexNet, product-quantised, pruned by magnitude',
  note: 'which columns are active is drawn, as many as in table III; the published times are those of the authors’ own pruned network',
  columns: ['layer', 'weights kept', 'active', 'entries', 'padding', 'balance', 'µs', 'published', 'off by, %', 'µJ'],
  rows: real.map(({ name, density, run }) => {
    const { actualUs } = EIE_BENCHMARKS.find((each) => each.name === `Alex-${name.slice(2)}`)!;
    return [
      name,
      density,
      run.active,
      run.entries,
      run.paddingShare,
      run.balance,
      run.us,
      actualUs,
      100 * (run.us / actualUs - 1),
      EIE_WATTS.EIE * run.us,
    ];
  }),
});

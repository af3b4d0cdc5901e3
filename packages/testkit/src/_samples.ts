import type { Form } from '@pare/core';
import type { Sample, Samples } from './forms.ts';

/** Whether samples are listed, and not generated. */
export const isList = <F extends Form>(samples: Samples<F>): samples is readonly Sample<F>[] => Array.isArray(samples);

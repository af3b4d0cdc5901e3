import { denseParametrization, type Parametrization } from '@pare/core';
import { maskedParametrization } from '@pare/pruning';
import { sharedParametrization } from '@pare/quantization';

/** The forms that everything here knows without being told: dense, masked and shared. */
export const builtinForms: readonly Parametrization[] = [
  denseParametrization,
  maskedParametrization,
  sharedParametrization,
] as readonly Parametrization[]; // each takes its own member of the union, and is only handed that one

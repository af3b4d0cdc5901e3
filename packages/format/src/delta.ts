export { applyDelta } from './delta/apply-delta.ts';
export { type DeltaOptions, encodeDelta } from './delta/encode-delta.ts';

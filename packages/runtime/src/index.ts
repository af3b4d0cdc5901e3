export { NetworkError, type NetworkErrorCode } from './network-error.ts';
export type { Pixels } from './network-input.ts';
export { type Place, type Plan, planNetwork, type Step } from './plan-network.ts';
export { createRuntime, type Runtime, type RuntimeOptions, type StartThreads } from './runtime.ts';
export { type StreamedRuntime, type StreamRuntimeOptions, streamRuntime } from './stream-runtime.ts';

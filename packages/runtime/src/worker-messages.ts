import type { Layer, Shape } from '@pare/core';
import type { Limits } from '@pare/format/decode';
import type { Pixels } from './network-input.ts';

/** What a worker is asked. `network` tells networks apart that one worker runs. */
export type Request = { readonly id: number; readonly network: number } & (
  | {
      /** The file, or where it is. */
      readonly source: Uint8Array | string;
      readonly limits: Limits | undefined;
      readonly maximumBytes: number | undefined;
      readonly threads: number | 'auto' | undefined;
    }
  | { readonly input: Float32Array | Pixels }
  | { readonly dispose: true }
);

/** What is known of a network once its header is there. */
export interface Opened {
  readonly layers: readonly Layer[];
  readonly labels: readonly string[];
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

/** What it answers, under the same id. */
export type Answer = { readonly id: number } & (
  | { readonly opened: Opened }
  | { readonly output: Float32Array }
  | { readonly done: true }
  | { readonly error: SentError }
);

/** An error on its way: its class is lost. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly code: unknown;
  readonly byte: unknown;
  readonly part: unknown;
  readonly layer: unknown;
}

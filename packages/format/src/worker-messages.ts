import type { Weight } from '@pare/core';
import type { Limits } from './file-layout.ts';
import type { Header } from './header.ts';
import type { StreamProgress } from './stream.ts';

/** What a worker is asked. */
export type Request =
  | {
      readonly id: number;
      /** The file, or where it is. */
      readonly source: Uint8Array | string;
      readonly dense: boolean;
      readonly limits: Limits;
    }
  | { readonly id: number; readonly abort: true };

/** What it answers, under the same id. */
export type Answer = { readonly id: number } & (
  | { readonly header: Header }
  | { readonly weight: Weight }
  | { readonly progress: StreamProgress }
  | { readonly done: true }
  | { readonly error: { readonly name: string; readonly message: string; readonly [field: string]: unknown } }
);
